package http2

// ending is how a stream was closed: it decides what late frames mean (RFC
// 9113, section 5.1).
type ending uint8

const (
	unknown   ending = iota // long ago, or never there
	ended                   // both sides said their last
	theyReset               // the peer sent RST_STREAM
	weReset                 // we did: the peer may not know yet
)

// memory holds how the streams that were closed last ended, and the last
// numbers that the peer left out.
type memory struct {
	ids  [64]uint32
	how  [64]ending
	next int

	skippedFrom, skippedTo uint32 // not used, both included
}

func (m *memory) note(id uint32, how ending) {
	m.ids[m.next], m.how[m.next] = id, how
	m.next = (m.next + 1) % len(m.ids)
}

func (m *memory) of(id uint32) ending {
	for i, k := range m.ids {
		if k == id {
			return m.how[i]
		}
	}
	return unknown
}

// opened notes that the peer opened id, last being the one before.
func (m *memory) opened(id, last uint32) {
	if id > last+2 {
		m.skippedFrom, m.skippedTo = last+1, id-1
	}
}

func (m *memory) skipped(id uint32) bool {
	return m.skippedFrom <= id && id <= m.skippedTo && id != 0
}
