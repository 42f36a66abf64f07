package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Service is the demo service: it shows what reaches it through the proxy.
//
//	/           the request as it arrived, as JSON
//	/private    the same; the proxy asks for an API key before it
//	/events     five events, one after the other
//	/upload     how many bytes of the body arrived
//	/status/503 that status
func Service() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("/", echo("demo"))
	m.HandleFunc("/events", events)
	m.HandleFunc("/upload", upload)
	m.HandleFunc("/status/{code}", status)
	return m
}

// echo answers a service's name and the request as it arrived.
func echo(service string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		headers := map[string][]string{"host": {r.Host}}
		for name, values := range r.Header {
			headers[name] = values
		}
		asJSON(w, struct {
			Service string              `json:"service"`
			Method  string              `json:"method"`
			Path    string              `json:"path"`
			Headers map[string][]string `json:"headers"`
		}{service, r.Method, r.URL.RequestURI(), headers})
	}
}

func asJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(v)
}

func events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for i := 1; i <= 5; i++ {
		fmt.Fprintf(w, "data: event %d of 5\n\n", i)
		if flush.Flush() != nil {
			return
		}
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
	}
}

func upload(w http.ResponseWriter, r *http.Request) {
	n, err := io.Copy(io.Discard, r.Body)
	if err != nil {
		return // the proxy has cut it: there is nobody to tell
	}
	fmt.Fprintf(w, "%d bytes arrived\n", n)
}

func status(w http.ResponseWriter, r *http.Request) {
	code := 0
	if _, err := fmt.Sscanf(r.PathValue("code"), "%d", &code); err != nil || code < 200 || code > 599 {
		code = http.StatusBadRequest
	}
	w.WriteHeader(code)
	fmt.Fprintln(w, http.StatusText(code))
}
