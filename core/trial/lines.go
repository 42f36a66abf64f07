package trial

import (
	"log/slog"
	"slices"
	"strings"

	"github.com/weirproxy/weir/core/trial/rig"
)

// logs compares lines: those that must be there may be anywhere.
func (m *matcher) logs(want, not []wantLine, log []rig.Line) {
	for i := range want {
		if w := &want[i]; !w.among(log) {
			m.add(w.key, w.shown(), lineList(log))
		}
	}
	for i := range not {
		if w := &not[i]; w.among(log) {
			m.add(w.key, "no line: "+w.shown(), lineList(log))
		}
	}
}

func (w *wantLine) among(log []rig.Line) bool {
	for i := range log {
		if l := &log[i]; l.Guest && (w.level == "" || l.Level == *levelNamed(w.level)) && w.fits(l.Message) {
			return true
		}
	}
	return false
}

func (w *wantLine) shown() string {
	return strings.TrimSpace(w.level + " " + w.String())
}

func lineList(log []rig.Line) string {
	var list []string
	for i := range log {
		list = append(list, LevelName(log[i].Level)+" "+log[i].Message)
	}
	return lines(list)
}

// The levels of filters' logs, below and above those of package slog.
var levels = []struct {
	name  string
	level slog.Level
}{
	{"trace", slog.LevelDebug - 4}, {"debug", slog.LevelDebug}, {"info", slog.LevelInfo},
	{"warn", slog.LevelWarn}, {"error", slog.LevelError}, {"critical", slog.LevelError + 4},
}

func levelNamed(name string) *slog.Level {
	for i := range levels {
		if levels[i].name == name {
			return &levels[i].level
		}
	}
	return nil
}

// LevelName is a level as files of cases have it.
func LevelName(l slog.Level) string {
	for i := range levels {
		if levels[i].level == l {
			return levels[i].name
		}
	}
	return l.String()
}

// said is what filters logged last, for the text of a message.
func (t *try) said(log []rig.Line) string {
	const most = 3
	var last []string
	for i := len(log) - 1; i >= 0 && len(last) < most; i-- {
		if log[i].Guest {
			last = append(last, LevelName(log[i].Level)+" "+quote(log[i].Message))
		}
	}
	if len(last) == 0 {
		return ""
	}
	slices.Reverse(last)
	return "; the last that it logged: " + strings.Join(last, ", ")
}
