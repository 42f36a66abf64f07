// Package source gets the modules of filters from where the configuration says
// they are: a file, a URL, or an image in a registry. It hands out bytes and
// knows nothing of what is in them.
//
//	source.go       all modules of a configuration, at once and within a bound
//	module.go       one module: kept, fetched, or the last good one
//	file.go         files
//	download.go     https://
//	registry.go     oci://, with what package image makes of an image
//	credentials.go  who we are to a registry
//	client.go       connections: encrypted, bounded, few redirects
//	retry.go        what is tried again, and when
//	store/          what is kept on disk
//
// What is named by its content (sha256, or an image's digest) is asked for once
// in the life of the folder it is kept in. A tag is looked at whenever the
// modules are loaded. Nothing here is on a request's path.
//
// Start at [Load].
package source
