package ipfilter

import (
	"strconv"

	"github.com/weirproxy/weir/sdk/jsonconf"
)

// maxNetworks bounds both lists together.
const maxNetworks = 100_000

// read reads the configuration.
func (f *filter) read(config []byte) error {
	list := []network{fourth}
	given := false
	r := jsonconf.New(config)
	r.Object(func(key []byte) {
		switch string(key) {
		case "allow":
			list = readNetworks(r, list, allow)
		case "deny":
			list = readNetworks(r, list, deny)
		case "default":
			given, f.fallback = true, deny
			if r.OneOf("allow", "deny") == "allow" {
				f.fallback = allow
			}
		default:
			r.Unknown("allow", "deny", "default")
		}
	})
	if !given {
		r.Fail(`lacks "default": "allow" or "deny", for clients in none of the networks`)
	}
	if r.Failed() {
		return r.Err()
	}
	if twice := f.table.build(sorted(list)); twice != nil {
		r.Fail("allows and denies the same network, ", textOf(twice), "; keep one of them")
	}
	return r.Err()
}

// readNetworks reads a list of networks, or a text with one in a line.
func readNetworks(r *jsonconf.Reader, list []network, v verdict) []network {
	add := func(line string, at func() string) {
		n, wrong := parseNetwork(line, v)
		switch {
		case wrong != "":
			r.Fail(at(), jsonconf.Quote(line), " ", wrong)
		case len(list) > maxNetworks:
			r.Fail("is more than " + strconv.Itoa(maxNetworks) + " networks in all; merge neighbours")
		default:
			list = append(list, n)
		}
	}
	if r.IsList() {
		r.List(func(int) {
			if s := r.String(); !r.Failed() {
				add(s, func() string { return "" })
			}
		})
		return list
	}
	s := r.String()
	for number := 1; len(s) > 0 && !r.Failed(); number++ {
		end := 0
		for end < len(s) && s[end] != '\n' {
			end++
		}
		if line := content(s[:end]); len(line) > 0 {
			add(line, func() string { return "line " + strconv.Itoa(number) + ": " })
		}
		s = s[min(end+1, len(s)):]
	}
	return list
}

// content is a line without blanks around it and without a comment.
func content(line string) string {
	begin, end := 0, 0
	for i := range len(line) {
		switch c := line[i]; {
		case c == '#':
			return line[begin:max(begin, end)]
		case c != ' ' && c != '\t' && c != '\r':
			if end == 0 {
				begin = i
			}
			end = i + 1
		}
	}
	return line[begin:max(begin, end)]
}

// textOf is a network as its configuration has it, near enough to be found.
func textOf(n *network) string {
	if n.first.high == 0 && n.first.low>>32 == 0xffff && n.bits >= 96 {
		s, v := "", n.first.low
		for i := 24; i >= 0; i -= 8 {
			s += strconv.Itoa(int(byte(v >> i)))
			if i > 0 {
				s += "."
			}
		}
		return s + "/" + strconv.Itoa(int(n.bits)-96)
	}
	s := ""
	for i := range 8 {
		half := n.first.high
		if i >= 4 {
			half = n.first.low
		}
		s += strconv.FormatUint(half>>(48-16*(i%4))&0xffff, 16) + ":"
	}
	return s[:len(s)-1] + "/" + strconv.Itoa(int(n.bits))
}
