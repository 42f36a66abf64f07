package observe

import (
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weirproxy/weir/core/grpc"
	"github.com/weirproxy/weir/core/stream"
)

// Properties are the facts that filters told each other about a stream. Those
// whose path begins with "log." come into the access log.
type Properties interface {
	EachProperty(prefix string, do func(path string, value []byte))
}

// fieldPrefix begins the properties that are logged.
const fieldPrefix = "log."

// Entry is what is known of a stream at its end.
type Entry struct {
	Info       *stream.Info
	Request    *stream.RequestHead
	Status     int           // as sent; 0 where no head was
	GRPC       grpc.Code     // a call's status, grpc.None for any other request
	Duration   time.Duration // from the head's first byte to the end of the response
	Properties Properties    // may be nil
	FailedBy   string        // who failed: "client", "proxy", "filter", "upstream"; "" for nobody
	Reason     string        // why, in a word
}

// line is one JSON object under construction. It is pooled, and with it the
// function that takes filters' fields.
type line struct {
	b     []byte
	field func(path string, value []byte)
	any   bool // a field was added
}

var lines = sync.Pool{New: func() any {
	l := &line{b: make([]byte, 0, 1024)}
	l.field = l.addField
	return l
}}

// maxKeptLine bounds what a pooled line holds on to, in bytes.
const maxKeptLine = 16 << 10

func (l *line) free() {
	if cap(l.b) <= maxKeptLine {
		lines.Put(l)
	}
}

// build puts e together. Numbers are always there, texts only if not empty.
// Keys are given as they are written, comma and colon included: one append each.
func (l *line) build(e *Entry) {
	i, r := e.Info, e.Request
	l.b = append(l.b[:0], `{"time":"`...)
	l.b = i.Start.UTC().AppendFormat(l.b, "2006-01-02T15:04:05.000Z")
	l.b = append(l.b, '"')
	l.text(`,"node":`, i.Node)
	l.text(`,"listener":`, i.Listener)
	l.number(`,"conn":`, int64(i.Conn))
	l.number(`,"stream":`, int64(i.ID))
	l.addr(`,"client":`, netip.AddrPortFrom(i.Client, 0))
	l.addr(`,"source":`, i.Source)
	l.bytes(`,"method":`, r.Method)
	l.bytes(`,"scheme":`, r.Scheme)
	l.bytes(`,"authority":`, r.Authority)
	l.bytes(`,"path":`, r.Path)
	l.text(`,"protocol":`, i.Version.String())
	l.number(`,"status":`, int64(e.Status))
	if e.GRPC != grpc.None {
		l.number(`,"grpc_status":`, int64(e.GRPC))
	}
	l.flags(i.Flags)
	l.failure(e)
	l.text(`,"details":`, i.Details)
	l.text(`,"route":`, i.Route)
	l.text(`,"cluster":`, i.Cluster)
	if i.Priority != stream.PriorityNormal {
		l.text(`,"priority":`, i.Priority.String())
	}
	l.addr(`,"upstream":`, i.Upstream)
	l.number(`,"tries":`, int64(i.Tries))
	l.number(`,"request_bytes":`, i.RequestBytes)
	l.number(`,"response_bytes":`, i.ResponseBytes)
	l.millis(`,"duration_ms":`, e.Duration)
	l.millis(`,"upstream_ms":`, i.UpstreamTime)
	l.bytes(`,"user_agent":`, r.Headers.Peek("user-agent"))
	l.bytes(`,"request_id":`, r.Headers.Peek("x-request-id"))
	if i.Trace.Valid() {
		l.hex(`,"trace_id":"`, i.Trace.Trace[:])
		l.hex(`,"span_id":"`, i.Trace.Span[:])
	}
	if t := i.TLS; t != nil {
		l.text(`,"tls_version":`, t.Version)
		l.text(`,"tls_server_name":`, t.ServerName)
		l.text(`,"source_identity":`, t.PeerSPIFFE)
	}
	if t := i.Secured; t != nil {
		l.text(`,"destination_identity":`, t.PeerSPIFFE)
	}
	if e.Properties != nil {
		l.any = false
		e.Properties.EachProperty(fieldPrefix, l.field)
		if l.any {
			l.b = append(l.b, '}')
		}
	}
	l.b = append(l.b, '}', '\n')
}

func (l *line) text(key, v string) {
	if v != "" {
		l.b = append(l.b, key...)
		l.b = appendText(l.b, v)
	}
}

func (l *line) bytes(key string, v []byte) {
	if len(v) > 0 {
		l.b = append(l.b, key...)
		l.b = appendText(l.b, v)
	}
}

func (l *line) number(key string, v int64) {
	l.b = append(l.b, key...)
	l.b = strconv.AppendInt(l.b, v, 10)
}

func (l *line) millis(key string, d time.Duration) {
	l.b = append(l.b, key...)
	l.b = appendMillis(l.b, int64(d))
}

// addr leaves out port 0: it is an address alone.
func (l *line) addr(key string, a netip.AddrPort) {
	if !a.IsValid() {
		return
	}
	l.b = append(l.b, key...)
	l.b = append(l.b, '"')
	if a.Port() == 0 {
		l.b = a.Addr().AppendTo(l.b)
	} else {
		l.b = a.AppendTo(l.b)
	}
	l.b = append(l.b, '"')
}

// addField adds a filter's field. They stand in an object of their own, so
// that none can pass for one of ours.
func (l *line) addField(path string, value []byte) {
	if !l.any {
		l.b = append(l.b, `,"fields":{`...)
		l.any = true
	} else {
		l.b = append(l.b, ',')
	}
	l.b = appendText(l.b, strings.TrimPrefix(path, fieldPrefix))
	l.b = append(l.b, ':')
	l.b = appendText(l.b, value)
}

// maxText bounds one text of a line, in bytes: clients and filters write them,
// and what one writes too long pushes the lines of others out.
const maxText = 4 << 10

// appendText appends a JSON string, cut off where it is too long.
func appendText[T string | []byte](dst []byte, s T) []byte {
	if len(s) <= maxText {
		return appendString(dst, s)
	}
	dst = appendString(dst, s[:maxText])
	return append(dst[:len(dst)-1], "…\""...)
}
