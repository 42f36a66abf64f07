package trial

import (
	"github.com/weirproxy/weir/core/config"
)

// expectTable is what must be seen at the end of a step.
type expectTable struct {
	Refused text `toml:"refused"`

	Upstream     *wantMessage `toml:"upstream"`
	Client       *wantMessage `toml:"client"`
	Local        *bool        `toml:"local"`
	Reached      *bool        `toml:"reached"`
	Details      text         `toml:"details"`
	State        *string      `toml:"state" check:"oneof=done|paused request|paused response|waiting|reset|aborted"`
	Trap         text         `toml:"trap"`
	Logs         []wantLine   `toml:"logs"`
	NoLogs       []wantLine   `toml:"no_logs"`
	Metrics      wantNumbers  `toml:"metrics"`
	Calls        *[]wantCall  `toml:"calls"`
	Properties   namedTexts   `toml:"properties"`
	Unset        []string     `toml:"unset"`
	SharedData   namedTexts   `toml:"shared_data"`
	NoSharedData []string     `toml:"no_shared_data"`
	Cluster      text         `toml:"cluster"`
	RouteCleared *bool        `toml:"route_cleared"`
}

// wantMessage is what one side must have got. What does not apply to it is
// refused when the file is read.
type wantMessage struct {
	Method    text       `toml:"method"`
	Path      text       `toml:"path"`
	Authority text       `toml:"authority"`
	Scheme    text       `toml:"scheme"`
	Status    *int       `toml:"status"`
	Headers   namedTexts `toml:"headers"`
	Absent    []string   `toml:"absent"`
	Exactly   *fields    `toml:"exactly"`
	Body      text       `toml:"body"`
	Pieces    *[]string  `toml:"pieces"`
	Trailers  namedTexts `toml:"trailers"`
	NoTrailer []string   `toml:"trailers_absent"`
	AllTrails *fields    `toml:"trailers_exactly"`
	Ended     *bool      `toml:"ended"`
}

// wantCall is an HTTP call that must have been made.
type wantCall struct {
	Cluster   text            `toml:"cluster"`
	Method    text            `toml:"method"`
	Path      text            `toml:"path"`
	Authority text            `toml:"authority"`
	Scheme    text            `toml:"scheme"`
	Headers   namedTexts      `toml:"headers"`
	Absent    []string        `toml:"absent"`
	Exactly   *fields         `toml:"exactly"`
	Body      text            `toml:"body"`
	Trailers  namedTexts      `toml:"trailers"`
	NoTrailer []string        `toml:"trailers_absent"`
	AllTrails *fields         `toml:"trailers_exactly"`
	Timeout   config.Duration `toml:"timeout"`
}

func (w *wantCall) message() *wantMessage {
	return &wantMessage{
		Method: w.Method, Path: w.Path, Authority: w.Authority, Scheme: w.Scheme,
		Headers: w.Headers, Absent: w.Absent, Exactly: w.Exactly, Body: w.Body,
		Trailers: w.Trailers, NoTrailer: w.NoTrailer, AllTrails: w.AllTrails,
	}
}

// wantLine is a line of the log.
type wantLine struct {
	level string
	text
}

// DecodeTOML reads a string, which must be in the line, or a table.
func (w *wantLine) DecodeTOML(r *config.Reader, raw any) {
	w.key, w.set = r.Key(), true
	if s, ok := raw.(string); ok {
		w.contains = s
		return
	}
	if _, ok := raw.(map[string]any); !ok {
		r.RejectKind(raw, "a string, { level = \"warn\", contains = \"…\" } or { matches = \"regex\" }")
		return
	}
	var table struct {
		Level    string  `toml:"level"`
		Is       *string `toml:"is"`
		Contains string  `toml:"contains"`
		Matches  string  `toml:"matches"`
	}
	r.Into(raw, &table)
	if table.Level != "" && levelNamed(table.Level) == nil {
		r.Reject("level = %q is unknown; there is trace, debug, info, warn, error and critical", table.Level)
	}
	w.level = table.Level
	if table.Is == nil && table.Contains == "" && table.Matches == "" && w.level != "" {
		return // any line of that level
	}
	w.from(r, &textTable{Is: table.Is, Contains: table.Contains, Matches: table.Matches})
}

// wantNumbers are numbers by name.
type wantNumbers []wantNumber

type wantNumber struct {
	name, key string
	value     int64
}

// DecodeTOML reads a table of integers.
func (w *wantNumbers) DecodeTOML(r *config.Reader, raw any) {
	if !r.Entries(raw, func(r *config.Reader, name string, raw any) {
		v, ok := raw.(int64)
		if !ok {
			r.RejectKind(raw, "an integer without quotes")
		}
		*w = append(*w, wantNumber{name, r.Key(), v})
	}) {
		r.RejectKind(raw, "a table { name = 1 }")
	}
}
