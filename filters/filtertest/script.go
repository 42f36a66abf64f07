package filtertest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// Script is one file.
type Script struct {
	Cases []Case `toml:"case"`
}

// Case is one filter with one configuration, and the streams that go through
// it, one after the other.
type Case struct {
	Name string `toml:"name"`
	// Config is the filter's table, or a string.
	Config any `toml:"config"`
	// Calls are the clusters that the filter may call.
	Calls   []string `toml:"calls"`
	Streams []Stream `toml:"stream"`
	Want    struct {
		Metrics map[string]int64 `toml:"metrics"`
		// Logs are parts of lines that must have been written.
		Logs []string `toml:"logs"`
	} `toml:"want"`
}

// Stream is one request and what an upstream answers it.
type Stream struct {
	// Repeat runs the stream so many times; only the last is looked at.
	Repeat int `toml:"repeat"`
	// Advance moves the clock on first.
	Advance duration `toml:"advance"`
	// Wait moves the clock on while the filter holds the request.
	Wait duration `toml:"wait"`
	// Client is the client's address, Route and Cluster what the core chose.
	Client string `toml:"client"`
	// Peer is the SPIFFE ID of the client's certificate.
	Peer    string `toml:"peer"`
	Route   string `toml:"route"`
	Cluster string `toml:"cluster"`
	// Properties are what earlier filters have set.
	Properties map[string]string `toml:"properties"`

	Request  Message `toml:"request"`
	Response Message `toml:"response"`
	Want     Want    `toml:"want"`
}

// Message is a request or a response.
type Message struct {
	Method  string         `toml:"method"` // GET if empty
	Path    string         `toml:"path"`   // "/" if empty
	Host    string         `toml:"host"`   // "example.com" if empty
	Status  int            `toml:"status"` // 200 if 0
	Headers map[string]any `toml:"headers"`
	Body    string         `toml:"body"`
}

// Want is what must come out. What is left out is not looked at.
type Want struct {
	// Local says that the filter answers; the upstream sees nothing.
	Local   bool   `toml:"local"`
	Details string `toml:"details"`
	// Cluster is the one that the filter chose.
	Cluster    string            `toml:"cluster"`
	Upstream   *Seen             `toml:"upstream"`
	Downstream *Seen             `toml:"downstream"`
	Properties map[string]string `toml:"properties"`
	// Unset are properties that must not be there.
	Unset []string `toml:"unset"`
}

// Seen is what one side sees.
type Seen struct {
	Method  string         `toml:"method"`
	Path    string         `toml:"path"`
	Host    string         `toml:"host"`
	Status  int            `toml:"status"`
	Headers map[string]any `toml:"headers"` // all values of each name, in order
	Absent  []string       `toml:"absent"`
	Body    *string        `toml:"body"`
	// Decoded is the body as it was before its content-encoding.
	Decoded *string `toml:"decoded"`
}

type duration time.Duration

// UnmarshalText reads "250ms".
func (d *duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	*d = duration(v)
	return err
}

// Load reads a script. A key that does not exist is an error.
func Load(path string) (*Script, error) {
	var s Script
	meta, err := toml.DecodeFile(path, &s)
	if err != nil {
		return nil, fmt.Errorf("reading script %q: %w", path, err)
	}
	for _, k := range meta.Undecoded() {
		if !underFree(k) {
			return nil, fmt.Errorf("reading script %q: unknown key %q", path, k)
		}
	}
	if len(s.Cases) == 0 {
		return nil, fmt.Errorf("reading script %q: no cases", path)
	}
	for i, c := range s.Cases {
		if c.Name == "" || len(c.Streams) == 0 {
			return nil, fmt.Errorf("reading script %q: case %d needs a name and a stream", path, i+1)
		}
	}
	return &s, nil
}

// underFree says whether a key lies where anything may be.
func underFree(k toml.Key) bool {
	for _, part := range k {
		if part == "config" || part == "headers" {
			return true
		}
	}
	return false
}

// JSON is a configuration as a filter gets it from Weir: tables as JSON with
// sorted keys, a string as it is.
func JSON(config any) (string, error) {
	switch c := config.(type) {
	case nil:
		return "", nil
	case string:
		return c, nil
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(config); err != nil {
		return "", fmt.Errorf("encoding configuration: %w", err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// values are the values of a headers table's entry: a string or a list.
func values(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var list []string
		for _, e := range v {
			list = append(list, fmt.Sprint(e))
		}
		return list
	}
	return []string{fmt.Sprint(v)}
}
