package foreign_test

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/foreign"
)

func TestCompress(t *testing.T) {
	c := newCall(t)
	for _, plain := range []string{"", "a", strings.Repeat("weir ", 10_000)} {
		for _, prefix := range []string{"", "weir.async."} {
			packed, s := invoke(t, c, prefix+"compress", []byte(plain))
			if s != foreign.OK {
				t.Fatalf("compressing %d bytes: status %d", len(plain), s)
			}
			r, err := zlib.NewReader(bytes.NewReader(packed))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(r); err != nil || string(got) != plain {
				t.Fatalf("another implementation reads %d bytes, %v", len(got), err)
			}
			if got, s := invoke(t, c, prefix+"uncompress", packed); s != foreign.OK || string(got) != plain {
				t.Fatalf("uncompressing: %d bytes, status %d", len(got), s)
			}
			if _, s := invoke(t, c, prefix+"uncompress", packed[:len(packed)-1]); s != foreign.SerializationFailure {
				t.Errorf("cut off: status %d", s)
			}
		}
	}
	if _, s := invoke(t, c, "uncompress", []byte("no zlib")); s != foreign.SerializationFailure {
		t.Errorf("uncompressing text: status %d", s)
	}
}

func TestUncompressIsBounded(t *testing.T) {
	c := newCall(t)
	var bomb bytes.Buffer
	w := zlib.NewWriter(&bomb)
	w.Write(make([]byte, 1<<20))
	w.Flush()
	at := bomb.Len()
	w.Write([]byte{0})
	w.Close()
	if at > 10_000 {
		t.Fatalf("the bomb has %d bytes", at)
	}
	if _, s := invoke(t, c, "uncompress", bomb.Bytes()); s != foreign.BadArgument {
		t.Errorf("more than a MiB of zeros: status %d", s)
	}
	if _, s := invoke(t, c, "compress", make([]byte, 2<<20)); s != foreign.BadArgument {
		t.Errorf("compressing 2 MiB: status %d", s)
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDigests(t *testing.T) {
	// FIPS 180-4's example, RFC 4231's second case, and xxHash's own.
	sha := unhex(t, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
	sha384 := unhex(t, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7")
	sha512 := unhex(t, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")
	mac := unhex(t, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
	xx := unhex(t, "99e9d85137db46ef")
	jefe := "Jefe" + "what do ya want for nothing?"
	var rows []row
	for _, prefix := range []string{"weir.", "weir.async."} {
		rows = append(rows,
			row{prefix + "hash", encode(uint32(1), "abc"), sha, foreign.OK},
			row{prefix + "hash", encode(uint32(2), "abc"), sha384, foreign.OK},
			row{prefix + "hash", encode(uint32(3), "abc"), sha512, foreign.OK},
			row{prefix + "hash", encode(uint32(4)), xx, foreign.OK},
			row{prefix + "hash", encode(uint32(5), "abc"), nil, foreign.BadArgument},
			row{prefix + "hash", []byte("ab"), nil, foreign.BadArgument},
			row{prefix + "hmac", encode(uint32(1), uint32(4), jefe), mac, foreign.OK},
			row{prefix + "hmac", encode(uint32(4), uint32(4), jefe), nil, foreign.BadArgument},
			row{prefix + "hmac", encode(uint32(1), uint32(99), jefe), nil, foreign.BadArgument},
		)
	}
	check(t, newCall(t), append(rows,
		row{"weir.hash", encode(uint32(1), make([]byte, 16<<10)), nil, foreign.BadArgument},
		row{"weir.constant_time_equal", encode(uint32(3), "abcabc"), encode(uint32(1)), foreign.OK},
		row{"weir.constant_time_equal", encode(uint32(3), "abcabd"), encode(uint32(0)), foreign.OK},
		row{"weir.constant_time_equal", encode(uint32(3), "abcab"), encode(uint32(0)), foreign.OK},
		row{"weir.constant_time_equal", encode(uint32(0)), encode(uint32(1)), foreign.OK},
		row{"weir.constant_time_equal", encode(uint32(4), "abc"), nil, foreign.BadArgument},
		row{"weir.random", encode(uint32(0)), nil, foreign.OK},
		row{"weir.random", encode(uint32(4097)), nil, foreign.BadArgument},
		row{"weir.random", encode(uint32(1), "x"), nil, foreign.BadArgument},
		row{"weir.random", nil, nil, foreign.BadArgument},
	))
	if got, s := invoke(t, newCall(t), "weir.async.hash", encode(uint32(1), make([]byte, 1<<20))); s != foreign.OK || len(got) != 32 {
		t.Errorf("hashing a MiB beside the lane: %d bytes, status %d", len(got), s)
	}
}

func TestRandomDiffers(t *testing.T) {
	c := newCall(t)
	one, _ := invoke(t, c, "weir.random", encode(uint32(16)))
	two, s := invoke(t, c, "weir.random", encode(uint32(16)))
	if s != foreign.OK || len(one) != 16 || len(two) != 16 || bytes.Equal(one, two) {
		t.Errorf("%x, then %x, status %d", one, two, s)
	}
}

func regex(operation uint32, pattern, replacement, subject string) []byte {
	return encode(operation, uint32(len(pattern)), uint32(len(replacement)), pattern, replacement, subject)
}

func TestRegex(t *testing.T) {
	const match, find, replace = 0, 1, 2
	none := uint32(1<<32 - 1)
	long := strings.Repeat("a", 5000)
	rows := []row{
		{"weir.regex", regex(match, "^/v[0-9]+/", "", "/v12/x"), encode(uint32(1)), foreign.OK},
		{"weir.regex", regex(match, "^/v[0-9]+/", "", "/w12/x"), encode(uint32(0)), foreign.OK},
		{"weir.regex", regex(find, "b(x)?(c)", "", "abcd"), encode(uint32(1), uint32(3), none, none, uint32(2), uint32(3)), foreign.OK},
		{"weir.regex", regex(find, "z", "", "abcd"), nil, foreign.NotFound},
		{"weir.regex", regex(replace, "(?P<n>[0-9]+)", "<$n>$$", "a1b22c"), []byte("a<1>$b<22>$c"), foreign.OK},
		{"weir.regex", regex(replace, "", "-", "ab"), []byte("-a-b-"), foreign.OK},
		{"weir.regex", regex(replace, "z", "-", "ab"), []byte("ab"), foreign.OK},
		{"weir.regex", regex(match, "(", "", "ab"), nil, foreign.BadArgument},
		{"weir.regex", regex(match, "(", "", "ab"), nil, foreign.BadArgument}, // remembered
		{"weir.regex", regex(match, strings.Repeat(`\pL{1000}`, 400), "", "ab"), nil, foreign.BadArgument},
		{"weir.regex", regex(3, "a", "", "ab"), nil, foreign.BadArgument},
		{"weir.regex", regex(match, strings.Repeat("a", 4097), "", ""), nil, foreign.BadArgument},
		{"weir.regex", regex(replace, "a", strings.Repeat("a", 257), ""), nil, foreign.BadArgument},
		{"weir.regex", regex(match, "a.{100}b", "", long), nil, foreign.BadArgument},
		{"weir.async.regex", regex(match, "a.{100}b", "", long), encode(uint32(0)), foreign.OK},
		{"weir.async.regex", regex(replace, "a", strings.Repeat("b", 256), long), nil, foreign.BadArgument},
		{"weir.regex", encode(uint32(0), uint32(9), uint32(0), "short"), nil, foreign.BadArgument},
		{"weir.regex", encode(uint32(0)), nil, foreign.BadArgument},
	}
	check(t, newCall(t), rows)
}
