package config

// Errors say how our own error answers look: those of faults, and those of filters
// that ask for it. Answers to gRPC calls are not changed.
type Errors struct {
	// As a problem in JSON (RFC 9457) or as HTML for clients whose Accept prefers
	// one, else as plain text. Without it all are plain text. Default true.
	Negotiate bool `toml:"negotiate"`
	// File of the HTML page, relative to this file, of at most 64KiB. In it {status},
	// {title} and {request_id} are filled in. Default "": a plain page.
	HTML string `toml:"html"`
}
