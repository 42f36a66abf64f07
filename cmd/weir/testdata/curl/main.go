// Command curl does what the demo's guide needs of the program of that name, for
// machines without it.
package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func main() { os.Exit(curl(os.Args[1:])) }

// curl answers an exit code, the real program's where it has one.
func curl(args []string) (code int) {
	f := flag.NewFlagSet("curl", flag.ContinueOnError)
	head := f.Bool("i", false, "")
	_ = f.Bool("s", false, "")
	f.BoolVar(head, "si", false, "")
	_ = f.Bool("N", false, "")
	two := f.Bool("http2-prior-knowledge", false, "")
	field, out, show, upload := f.String("H", "", ""), f.String("o", "", ""), f.String("w", "", ""), f.String("T", "", "")
	if err := f.Parse(args); err != nil || f.NArg() != 1 {
		return 2
	}
	method, body := http.MethodGet, io.Reader(nil)
	if *upload == "-" {
		method, body = http.MethodPut, os.Stdin
	}
	r, err := http.NewRequest(method, f.Arg(0), body)
	if err != nil {
		return 3
	}
	if body != nil {
		r.Header.Set("Expect", "100-continue")
	}
	if name, value, ok := strings.Cut(*field, ": "); ok {
		if r.Header.Set(name, value); strings.EqualFold(name, "host") {
			r.Host = value
		}
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!*two)
	protocols.SetUnencryptedHTTP2(*two)
	answer, err := (&http.Transport{Protocols: protocols}).RoundTrip(r)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 7
	}
	defer answer.Body.Close()
	if *head {
		fmt.Printf("%s %s\r\n", answer.Proto, answer.Status)
		for name, values := range answer.Header {
			for _, v := range values {
				fmt.Printf("%s: %s\r\n", strings.ToLower(name), v)
			}
		}
		fmt.Print("\r\n")
	}
	to := io.Writer(os.Stdout)
	if *out != "" {
		to = io.Discard
	}
	if _, err := io.Copy(to, answer.Body); err != nil {
		return 18
	}
	fmt.Print(strings.ReplaceAll(*show, "%{http_code}", fmt.Sprint(answer.StatusCode)))
	return 0
}
