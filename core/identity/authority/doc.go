// Package authority is a certificate authority for the members of one trust
// domain: it keeps its roots in a folder, issues X509-SVIDs, and serves members
// that ask for theirs over HTTPS.
//
//	folder.go   what is kept: roots, and which of them signs
//	root.go     a root, and what it signs
//	rotate.go   from one root to the next, in steps that members can follow
//	token.go    join tokens: for one identity, once, for a while
//	revoke.go   IDs whose identities are not renewed
//	serial.go   when a certificate was issued
//	request.go  what is taken of a certificate request
//	server.go   the door: POST /v1/svid
//	limits.go   how often it is knocked at
//	crowd.go    how many are in it
//
// Start at [Create], [Open] and [Server].
package authority
