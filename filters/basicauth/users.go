package basicauth

import (
	"bytes"
	"slices"

	"github.com/weirproxy/weir/sdk/weir"
)

// hashSize is the length of a bcrypt hash.
const hashSize = 60

// user is where one stands in users.text. There are no pointers, so that the
// collector need not look at users however many there are.
type user struct{ from, to uint32 }

// users are the known ones, sorted by name.
type users struct {
	list []user
	text []byte // each name, with its hash behind it
	seed []byte // chooses who stands in for a user that is not known
}

func (u *users) add(name, hash string) {
	from := len(u.text)
	u.text = append(append(u.text, name...), hash...)
	u.list = append(u.list, user{uint32(from), uint32(from + len(name))})
}

func (u *users) name(x user) []byte { return u.text[x.from:x.to] }
func (u *users) hash(x user) []byte { return u.text[x.to : x.to+hashSize] }

// ready makes the users ready to be searched, and answers a name that is there
// twice, "" if none is.
func (u *users) ready() (twice string, err error) {
	slices.SortFunc(u.list, func(a, b user) int { return bytes.Compare(u.name(a), u.name(b)) })
	for i := 1; i < len(u.list); i++ {
		if bytes.Equal(u.name(u.list[i-1]), u.name(u.list[i])) {
			return string(u.name(u.list[i])), nil
		}
	}
	if len(u.list) == 0 {
		return "", nil
	}
	// A secret that every instance has: which hash stands in for whom must not
	// change from one request to the next.
	seed, err := weir.Hash(weir.SHA256, u.hash(u.list[0]))
	u.seed = bytes.Clone(seed)
	return "", err
}

// find is the user of a name. For a name that is not known it is a user whose
// hash takes as long to be checked: always the same for the same name.
func (u *users) find(name []byte) (x user, known bool) {
	low, high := 0, len(u.list)
	for low < high {
		mid := int(uint(low+high) >> 1)
		switch bytes.Compare(u.name(u.list[mid]), name) {
		case 0:
			return u.list[mid], true
		case -1:
			low = mid + 1
		default:
			high = mid
		}
	}
	var n uint32
	if code, err := weir.HMAC(weir.SHA256, u.seed, name); err == nil && len(code) >= 4 {
		n = uint32(code[0]) | uint32(code[1])<<8 | uint32(code[2])<<16 | uint32(code[3])<<24
	}
	return u.list[n%uint32(len(u.list))], false
}
