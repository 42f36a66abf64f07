package dnstest

import (
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// answer is what is sent back, nil for nothing.
func (s *Server) answer(asked []byte, most int) []byte {
	var m dnsmessage.Message
	if err := m.Unpack(asked); err != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	name, typ := q.Name.String(), strings.TrimPrefix(q.Type.String(), "Type")
	s.mu.Lock()
	s.asked[name+" "+typ]++
	fault, all := s.faults[name+" "+typ], s.names[name]
	s.mu.Unlock()
	r := dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, Authoritative: true, RecursionAvailable: true}, Questions: m.Questions}
	switch fault {
	case Silence:
		return nil
	case Garbage:
		return []byte("\x00\x01garbage")
	case Fail:
		r.RCode = dnsmessage.RCodeServerFailure
		return packed(&r)
	case OtherID:
		r.ID++
	case OtherFor:
		r.Questions[0].Name = dnsmessage.MustNewName("other.test.")
	}
	if all == nil {
		r.RCode = dnsmessage.RCodeNameError
	}
	for _, body := range all[q.Type] {
		r.Answers = append(r.Answers, dnsmessage.Resource{
			Header: dnsmessage.ResourceHeader{Name: r.Questions[0].Name, Type: q.Type, Class: dnsmessage.ClassINET, TTL: 1}, Body: body,
		})
	}
	out := packed(&r)
	if len(out) > most {
		r.Truncated, r.Answers = true, nil
		out = packed(&r)
	}
	return out
}

func packed(m *dnsmessage.Message) []byte {
	b, err := m.Pack()
	if err != nil {
		panic("dnstest: packing an answer: " + err.Error())
	}
	return b
}
