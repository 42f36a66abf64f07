package main

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// settings are the configuration: lines KEY=VALUE, all of them optional.
type settings struct {
	cluster string        // whom to ask; default "auth"
	header  string        // in which the user goes on upstream; default "x-user"
	timeout time.Duration // for the answer, given in milliseconds; default 1000
}

func parse(text string) (settings, error) {
	s := settings{cluster: "auth", header: "x-user", timeout: time.Second}
	for line := range strings.SplitSeq(text, "\n") {
		if line == "" {
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		switch key {
		case "cluster":
			s.cluster = value
		case "header":
			s.header = value
		case "timeout":
			ms, err := strconv.ParseUint(value, 10, 31)
			if err != nil || ms == 0 {
				return s, errors.New("timeout: give milliseconds, such as 1000")
			}
			s.timeout = time.Duration(ms) * time.Millisecond
		default:
			return s, errors.New("unknown key " + strconv.Quote(key) + "; the keys are cluster, header and timeout")
		}
	}
	return s, nil
}
