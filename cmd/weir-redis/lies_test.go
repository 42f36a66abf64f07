package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/provider/kit"
)

// TestLies: answers that are no Redis's are errors, and told in words.
func TestLies(t *testing.T) {
	const grant, members = "*5\r\n:1\r\n:9\r\n:0\r\n:0\r\n$1\r\nm\r\n", "*3\r\n:1\r\n:1\r\n:1\r\n"
	for name, c := range map[string]struct{ limits, members, told string }{
		"the truth":      {grant, members, ""},
		"a word":         {"+OK\r\n", members, "of 0 is no answer for 1 keys"},
		"nothing":        {"$-1\r\n", members, "redis: nil"},
		"a number":       {":1\r\n", members, "is no answer for 1 keys"},
		"a short list":   {"*4\r\n:1\r\n:1\r\n:1\r\n:1\r\n", members, "of 4 is no answer"},
		"a text":         {"*5\r\n:1\r\n$1\r\n9\r\n:0\r\n:0\r\n$1\r\nm\r\n", members, "other things than numbers"},
		"no memo":        {"*5\r\n:1\r\n:9\r\n:0\r\n:0\r\n:0\r\n", members, "other things than numbers"},
		"a list of one":  {"*5\r\n*1\r\n:1\r\n:9\r\n:0\r\n:0\r\n$1\r\nm\r\n", members, "other things than numbers"},
		"an error":       {"-OOM command not allowed\r\n", members, "OOM command not allowed"},
		"a long error":   {"-" + strings.Repeat("no ", 4000) + "\r\n", members, "no no"},
		"lost scripts":   {"-NOSCRIPT none\r\n", members, "NOSCRIPT"},
		"no members":     {grant, "*3\r\n:0\r\n:0\r\n:1\r\n", "no count of members"},
		"many recent":    {grant, "*3\r\n:1\r\n:2\r\n:1\r\n", "no count of members"},
		"no epoch":       {grant, "*3\r\n:1\r\n:1\r\n:0\r\n", "no count of members"},
		"one number":     {grant, ":1\r\n", "no count of members"},
		"another tongue": {"HTTP/1.1 400 Bad Request\r\n\r\n", members, "asking Redis"},
		"an end":         {"", members, "EOF"},
		"a huge text":    {"$536870912\r\n" + strings.Repeat("x", 1<<16), members, "announces more than 8388608"},
		"a huge list":    {"*1000000000\r\n", members, "announces more than 262144"},
		"huge within":    {"*5\r\n$-1\r\n$12\r\n*1000000000\n\r\n*0\r\n:0\r\n~99999999\r\n", members, "announces more than 262144"},
		"not within":     {"*5\r\n:1\r\n:9\r\n:0\r\n:0\r\n$12\r\n*1000000000\n\r\n", members, ""},
		"a deep list":    {strings.Repeat("*1\r\n", 1<<16), members, "asking Redis"},
		"an odd length":  {"$-7\r\n", members, "asking Redis"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := connect(settings{Address: liar(t, c.limits, c.members), Prefix: "test"})
			if err != nil {
				t.Fatal(err)
			}
			defer l.redis.Close()
			_, err = l.Exchange(t.Context(), kit.Report{Member: "a", Counts: time.Minute, Asks: []kit.Ask{ask(1, 0, 1)}})
			switch {
			case c.told == "" && err != nil:
				t.Error(err)
			case c.told != "" && (err == nil || !strings.Contains(err.Error(), c.told) || len(err.Error()) > 400):
				t.Errorf("%v, want %q", err, c.told)
			}
		})
	}
}

// liar answers scripts of limits and of members as told, and
// those before by an error, as an old Redis would. Where it has nothing to say it
// ends.
func liar(t *testing.T, limits, members string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r := bufio.NewReader(c)
				for {
					words, err := command(r)
					if err != nil {
						return
					}
					say := "-ERR unknown command\r\n"
					if strings.HasPrefix(strings.ToUpper(words[0]), "EVAL") {
						say = limits
						if slices.Contains(words, "test:{members}") {
							say = members
						}
					}
					if _, err := io.WriteString(c, say); err != nil || say == "" {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

// command is a client's next one.
func command(r *bufio.Reader) ([]string, error) {
	var n int
	if line, err := r.ReadString('\n'); err != nil {
		return nil, err
	} else if _, err := fmt.Sscanf(line, "*%d", &n); err != nil {
		return nil, err
	}
	words := make([]string, n)
	for i := range words {
		var size int
		line, err := r.ReadString('\n')
		if err != nil {
			return nil, err
		} else if _, err := fmt.Sscanf(line, "$%d", &size); err != nil {
			return nil, err
		}
		text := make([]byte, size+2)
		if _, err := io.ReadFull(r, text); err != nil {
			return nil, err
		}
		words[i] = string(text[:size])
	}
	return words, nil
}
