package rig

import (
	"context"
	"log/slog"
	"sync"
)

// Line is one line of a filter's log, or of the host's about one.
type Line struct {
	Level   slog.Level
	Filter  string
	Message string
	Failure string // why the filter failed, where that is what the line says
	Guest   bool   // the filter wrote it
}

// Log keeps lines. It is a slog.Handler.
type Log struct {
	mu    sync.Mutex
	lines []Line
	tell  func(Line)
}

// Lines are those from one on, by how many were there before.
func (l *Log) Lines(from int) []Line {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Line(nil), l.lines[min(from, len(l.lines)):]...)
}

// Len is how many lines there are.
func (l *Log) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.lines)
}

func (l *Log) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = nil
}

// maxLines bounds what is kept of a filter that cannot stop.
const maxLines = 100_000

// Enabled says that every level is written.
func (l *Log) Enabled(context.Context, slog.Level) bool { return true }

// Handle keeps a line.
func (l *Log) Handle(_ context.Context, r slog.Record) error {
	line := Line{Level: r.Level, Message: r.Message}
	cause, instance := "", false
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "filter", "vm":
			line.Filter = a.Value.String()
		case "instance":
			instance = true
		case "error":
			cause = a.Value.String()
		}
		return true
	})
	line.Guest = instance && cause == ""
	if r.Level >= slog.LevelError && instance {
		line.Failure = cause
	}
	if cause != "" {
		line.Message += ": " + cause
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.lines) < maxLines {
		l.lines = append(l.lines, line)
	}
	if l.tell != nil {
		l.tell(line)
	}
	return nil
}

// WithAttrs and WithGroup have no use here: filters' lines have attributes of
// their own.
func (l *Log) WithAttrs([]slog.Attr) slog.Handler { return l }
func (l *Log) WithGroup(string) slog.Handler      { return l }
