package foreign_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/weirproxy/weir/core/foreign"
)

func hashed(t testing.TB, password string, cost int) string {
	h, err := bcrypt.GenerateFromPassword([]byte(password), cost)
	if err != nil {
		t.Fatal(err)
	}
	return string(h)
}

func password(hash, password string) []byte { return encode(uint32(len(hash)), hash, password) }

func TestPasswords(t *testing.T) {
	const quick, slow = "weir.password_verify", "weir.async.password_verify"
	wrong, right, later := encode(uint32(0)), encode(uint32(1)), encode(uint32(2))
	ann, bob := hashed(t, "ann's", bcrypt.MinCost), hashed(t, "bob's", bcrypt.MinCost)
	y := "$2y$" + ann[4:] // as Apache's tools write it
	long := strings.Repeat("p", 72)
	longHash := hashed(t, long, bcrypt.MinCost)
	rows := []row{
		{quick, password(ann, "ann's"), later, foreign.OK},
		{slow, password(ann, "ann's"), right, foreign.OK},
		{quick, password(ann, "ann's"), right, foreign.OK},
		{quick, password(ann, "bob's"), later, foreign.OK},
		{slow, password(ann, "bob's"), wrong, foreign.OK},
		{quick, password(ann, "bob's"), later, foreign.OK}, // what is wrong is not remembered
		{quick, password(bob, "ann's"), later, foreign.OK},
		{slow, password(y, "ann's"), right, foreign.OK},
		{slow, password(longHash, long), right, foreign.OK},
		{slow, password(ann, ""), wrong, foreign.OK},
	}
	for _, name := range []string{quick, slow} {
		for _, args := range [][]byte{
			nil, password("", "x"), password("ann's", "ann's"), password(ann[:59], "ann's"), password(ann+"x", "ann's"),
			password("$apr1$lZL6V/ci$eIMz/iKDkbtys/uU7LEK00", "x"), password(longHash, long+"p"),
			password(strings.Replace(ann, "$04$", "$15$", 1), "ann's"), password(strings.Replace(ann, "$04$", "$99$", 1), "ann's"),
			encode(uint32(1<<31), ann),
		} {
			rows = append(rows, row{name, args, nil, foreign.BadArgument})
		}
	}
	check(t, newCall(t), rows)
}

// TestFloodOfPasswords: of many at once few wait, the others are refused at
// once, and what was right before needs no turn.
func TestFloodOfPasswords(t *testing.T) {
	c := newCall(t)
	known := password(hashed(t, "known", bcrypt.MinCost), "known")
	invoke(t, c, "weir.async.password_verify", known)
	flood := password(hashed(t, "x", 9), "wrong")
	const clients = 500
	var checked, refused atomic.Int32
	var all sync.WaitGroup
	begin := make(chan bool)
	for range clients {
		all.Go(func() {
			<-begin
			switch _, s := invoke(t, c, "weir.async.password_verify", flood); s {
			case foreign.OK:
				checked.Add(1)
			case foreign.InternalFailure:
				refused.Add(1)
			default:
				t.Errorf("status %d", s)
			}
		})
	}
	close(begin)
	for refused.Load() == 0 && checked.Load() < clients {
		if got, s := invoke(t, c, "weir.password_verify", known); s != foreign.OK || got[0] != 1 {
			t.Fatalf("amid a flood: %x, status %d", got, s)
		}
	}
	all.Wait()
	if refused.Load() == 0 || checked.Load() < 64 || checked.Load()+refused.Load() != clients {
		t.Errorf("%d were checked, %d refused", checked.Load(), refused.Load())
	}
	if _, s := invoke(t, c, "weir.async.password_verify", known); s != foreign.OK {
		t.Errorf("after the flood: status %d", s)
	}
}
