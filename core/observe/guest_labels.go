package observe

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
)

// guestLabel is a label that a filter has given a metric.
type guestLabel struct{ name, value string }

// maxGuestLabels bounds those of one metric.
const maxGuestLabels = 8

// labelsOf takes a name apart that is written as Prometheus writes a series,
// hits{route="a",status="2xx"}. The labels are sorted: their order makes no other
// series. A name that is not of this form has none, nor has one with a label that is
// there twice, or is ours to give.
func labelsOf(name []byte) (base []byte, labels []guestLabel) {
	base, list, ok := bytes.Cut(name, []byte("{"))
	if !ok || len(base) == 0 || !bytes.HasSuffix(list, []byte("}")) {
		return name, nil
	}
	for list, more := list[:len(list)-1], true; more; {
		var l guestLabel
		if l, list, more, ok = nextLabel(list); !ok || len(labels) == maxGuestLabels {
			return name, nil
		}
		labels = append(labels, l)
	}
	slices.SortFunc(labels, func(a, b guestLabel) int { return cmp.Compare(a.name, b.name) })
	for i := range labels[1:] {
		if labels[i].name == labels[i+1].name {
			return name, nil
		}
	}
	return base, labels
}

// nextLabel is the first of list; more says that another follows.
func nextLabel(list []byte) (l guestLabel, rest []byte, more, ok bool) {
	key, rest, ok := bytes.Cut(list, []byte(`="`))
	if !ok || !labelName(string(key)) {
		return l, nil, false, false
	}
	value, rest, ok := bytes.Cut(rest, []byte(`"`))
	if !ok || !labelValue(value) || len(rest) > 0 && rest[0] != ',' {
		return l, nil, false, false
	}
	more = len(rest) > 0
	if more {
		rest = rest[1:]
	}
	return guestLabel{string(key), string(value)}, rest, more, true
}

// labelName says whether a filter may give a label of that name.
func labelName(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', i > 0 && c >= '0' && c <= '9':
		default:
			return false
		}
	}
	return name != "" && name != "filter" && name != "le" && name != "quantile" && !strings.HasPrefix(name, "__")
}

// labelValue says whether v can stand for itself: there are no escapes.
func labelValue(v []byte) bool {
	return utf8.Valid(v) && bytes.IndexFunc(v, func(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f }) < 0
}

// joined tells labels from others.
func joined(labels []guestLabel) string {
	var b strings.Builder
	for _, l := range labels {
		b.WriteString(l.name + "\x00" + l.value + "\x00")
	}
	return b.String()
}

// describe is what series of a name with these labels are described by.
func describe(name string, labels []guestLabel) *prometheus.Desc {
	names := []string{"filter"}
	for _, l := range labels {
		names = append(names, l.name)
	}
	return prometheus.NewDesc(name, "Defined by filters.", names, nil)
}
