//go:build wasip1

// An http-wasm filter that lets requests with the right token pass, and logs how
// each was answered. The configuration is the token.
package main

import "fmt"

// unauthorized is what handle_request answers for a reply of its own.
const unauthorized = 0

func main() {} // is not called: the module is a library

//go:wasmexport handle_request
func handleRequest() int64 {
	if token := config(); token == "" || first(requestHeaders, "authorization") != "Bearer "+token {
		setStatus(401)
		set(responseHeaders, "www-authenticate", "Bearer")
		write(response, "a token, please\n")
		return unauthorized
	}
	remove(requestHeaders, "authorization")
	started++
	return int64(started)<<32 | 1 // to the next handler; handleResponse gets the upper half
}

// started counts the requests that this instance let pass.
var started uint32

//go:wasmexport handle_response
func handleResponse(context, isError uint32) {
	logLine(info, fmt.Sprintf("request %d of this instance was answered %d, error: %v", context, status(), isError == 1))
}
