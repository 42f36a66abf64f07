package observe_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/observe"
)

func TestLoggerText(t *testing.T) {
	var out bytes.Buffer
	log, level, err := observe.NewLogger(&out, "info", "text")
	if err != nil {
		t.Fatal(err)
	}
	log.Debug("hidden")
	log.Info("listening", "address", ":8080", "level", 3, "time", 4)
	log.With("filter", "a b").WithGroup("g").Warn("bad\x1b[31m\nline", "n", 1)
	level.Set(slog.LevelDebug)
	log.Debug("shown")
	want := []string{
		`\d\d:\d\d:\d\d\.\d{3} INFO  listening address=:8080 level=3 time=4`,
		`\d\d:\d\d:\d\d\.\d{3} WARN  bad�\[31m�line filter="a b" g\.n=1`,
		`\d\d:\d\d:\d\d\.\d{3} DEBUG shown`,
	}
	if !regexp.MustCompile("^" + strings.Join(want, "\n") + "\n$").Match(out.Bytes()) {
		t.Errorf("got %q", out.String())
	}
}

func TestLoggerJSON(t *testing.T) {
	var out bytes.Buffer
	log, _, err := observe.NewLogger(&out, "error", "") // no terminal
	if err != nil {
		t.Fatal(err)
	}
	log.Warn("hidden")
	log.Error("failing", "n", 1)
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil || line["msg"] != "failing" || line["n"] != 1.0 {
		t.Errorf("%v in %q", err, out.String())
	}
}

func TestLoggerRefusesUnknownSettings(t *testing.T) {
	for _, tc := range []struct{ level, format, says string }{
		{"loud", "", `level "loud" is none of debug, info, warn, error`},
		{"", "xml", `format "xml" is neither text nor json`},
	} {
		if _, _, err := observe.NewLogger(nil, tc.level, tc.format); err == nil || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%+v: %v", tc, err)
		}
	}
}
