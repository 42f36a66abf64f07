package foreign

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"runtime"
	"sync/atomic"

	"golang.org/x/crypto/bcrypt"
)

// The bounds of passwords.
const (
	maxPassword      = 72      // bytes; bcrypt looks at no more
	maxPasswordHash  = 60      // bytes, as bcrypt's are
	maxPasswordCost  = 14      // about a second
	maxPasswordQueue = 64      // calls that wait for their turn
	passwordCache    = 1 << 20 // bytes of what was found right
	passwordCached   = 128     // bytes an entry takes
	passwordCost     = 600     // ns: what a lane does for it
)

// passwords checks passwords by their bcrypt hashes: work that is slow on
// purpose. Few checks run at a time and few wait, so that a flood of wrong
// passwords takes neither the processors nor the places of other functions that
// run beside lanes. What it found right is remembered by a keyed digest, which
// tells nothing to whoever reads this memory but not the key.
type passwords struct {
	key     [32]byte
	right   *cache[struct{}]
	turn    chan struct{} // holds one for each check that runs
	waiting atomic.Int32
}

func newPasswords() *passwords {
	p := &passwords{right: newCache[struct{}](passwordCache), turn: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))}
	rand.Read(p.key[:]) // never fails
	return p
}

func (p *passwords) functions() []Function {
	return []Function{
		{Name: "weir.password_verify", Run: p.quick},
		{Name: "weir.async.password_verify", Async: true, Run: p.verify},
	}
}

// The verdicts. Values are part of the encoding.
const (
	passwordWrong = iota
	passwordRight
	passwordLater // not without the time that checking takes
)

// passwordArgs: hash size u32, hash, password.
func passwordArgs(b []byte) (hash, password []byte, ok bool) {
	a := args{b: b}
	hash = a.bytes(a.u32())
	password = a.rest()
	return hash, password, a.ok() && bcryptHash(hash) && len(password) <= maxPassword
}

// bcryptHash says whether h is a hash such as "$2b$10$…" with a cost within our
// bound. bcrypt.Cost would allocate, and take one that lacks its end.
func bcryptHash(h []byte) bool {
	if len(h) != maxPasswordHash || h[0] != '$' || h[1] != '2' || h[3] != '$' || h[6] != '$' {
		return false
	}
	cost := int(h[4]-'0')*10 + int(h[5]-'0')
	if h[2] != 'a' && h[2] != 'b' && h[2] != 'y' || h[4] > '9' || h[5] > '9' || cost < bcrypt.MinCost || cost > maxPasswordCost {
		return false
	}
	for _, c := range h[7:] {
		if letter := c|0x20 >= 'a' && c|0x20 <= 'z'; !letter && (c < '.' || c > '9') {
			return false
		}
	}
	return true
}

// digest is what a right password is remembered by.
func (p *passwords) digest(hash, password []byte) [sha256.Size]byte {
	var b [len(p.key) + 4 + maxPasswordHash + maxPassword]byte
	all := append(b[:0], p.key[:]...)
	all = binary.LittleEndian.AppendUint32(all, uint32(len(hash)))
	all = append(append(all, hash...), password...)
	return sha256.Sum256(all)
}

// quick answers from memory.
func (p *passwords) quick(_ Call, dst, b []byte) ([]byte, int64, Status) {
	hash, password, ok := passwordArgs(b)
	if !ok {
		return dst, passwordCost, BadArgument
	}
	d := p.digest(hash, password)
	if _, ok := p.right.find(d[:]); ok {
		return appendU32(dst, passwordRight), passwordCost, OK
	}
	return appendU32(dst, passwordLater), passwordCost, OK
}

// verify always does the whole work, so that its time says nothing of whether
// the password was ever right.
func (p *passwords) verify(_ Call, dst, b []byte) ([]byte, int64, Status) {
	hash, password, ok := passwordArgs(b)
	if !ok {
		return dst, passwordCost, BadArgument
	}
	if p.waiting.Add(1) > maxPasswordQueue {
		p.waiting.Add(-1)
		return dst, passwordCost, InternalFailure
	}
	p.turn <- struct{}{}
	p.waiting.Add(-1)
	defer func() { <-p.turn }()
	if bcrypt.CompareHashAndPassword(hash, password) != nil {
		return appendU32(dst, passwordWrong), passwordCost, OK
	}
	d := p.digest(hash, password)
	p.right.add(d[:], struct{}{}, passwordCached)
	return appendU32(dst, passwordRight), passwordCost, OK
}
