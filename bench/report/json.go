package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// maxJSON bounds a report's file, in bytes.
const maxJSON = 64 << 20

// maxMicros is more than any run takes, in microseconds.
const maxMicros = 1e12

// WriteJSON gives a report to programs.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// Read reads a report that WriteJSON wrote.
func Read(path string) (*Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading a report: %w", err)
	}
	defer func() { _ = f.Close() }()
	r, err := Decode(f)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return r, nil
}

// Decode is [Read] for a file's content.
func Decode(in io.Reader) (*Report, error) {
	text, err := io.ReadAll(io.LimitReader(in, maxJSON+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > maxJSON:
		return nil, fmt.Errorf("it has more than %d bytes", maxJSON)
	}
	var r Report
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("it is no report of \"weir bench\": %w", err)
	}
	switch {
	case r.Version == 0:
		return nil, errors.New("it is no report of \"weir bench\": it has no version")
	case r.Version != Version:
		return nil, fmt.Errorf("it is a report of version %d, this reads version %d: measure again", r.Version, Version)
	}
	r.printable()
	return &r, r.check()
}

// check finds figures that nothing can be compared with.
func (r *Report) check() error {
	for i := range r.Tables {
		t := &r.Tables[i]
		for _, row := range t.Rows {
			for _, p := range row.Latency {
				if !(p.Share >= 0 && p.Share <= 1 && p.Micros >= 0 && p.Micros <= maxMicros) {
					return fmt.Errorf("%s, %s: a latency of %v us for a share of %v cannot have been measured", t.Title, row.Name, p.Micros, p.Share)
				}
			}
			for key, values := range row.Values {
				for _, v := range values {
					if !t.Derived && v < 0 || math.IsNaN(v) || math.IsInf(v, 0) {
						return fmt.Errorf("%s, %s: %s is %v, which cannot have been measured", t.Title, row.Name, key, v)
					}
				}
			}
		}
	}
	return nil
}
