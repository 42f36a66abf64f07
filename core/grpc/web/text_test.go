package web_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/grpc/web"
)

// decode gives a decoder a text in pieces of size bytes.
func decode(text []byte, size int) (out []byte, err error) {
	var d web.Decoder
	for len(text) > 0 {
		n := min(size, len(text))
		// A reader uses its buffer again: what it held must not be asked for later.
		piece := bytes.Clone(text[:n])
		said, err := d.Decode(piece)
		if err != nil {
			return nil, err
		}
		clear(piece)
		out, text = append(out, said...), text[n:]
	}
	return out, d.End()
}

func TestTextsInPieces(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"YWJj", "abc"},
		{"YWI=", "ab"},
		{"YQ==", "a"},
		{"YQ==YWI=YWJjZGVm", "aababcdef"}, // padded where its writer flushed
		{"AAAAAAA=AAAA", "\x00\x00\x00\x00\x00\x00\x00\x00"},
		{strings.Repeat("YWJj", 1000) + "YQ==" + strings.Repeat("YWI=", 1000), strings.Repeat("abc", 1000) + "a" + strings.Repeat("ab", 1000)},
	} {
		for size := 1; size <= len(c.text)+1 && size < 20; size++ {
			if got, err := decode([]byte(c.text), size); err != nil || string(got) != c.want {
				t.Errorf("%.20q by %d: %.40q, %v", c.text, size, got, err)
			}
		}
	}
}

func TestBadTexts(t *testing.T) {
	for _, text := range []string{
		"Y", "YW", "YWJ", "YWJjY", "=", "====", "Y===", "YW=j", "YQ==Y", "YQ=YWJjA", "YWJj\n", "YW\nJ", "YWJj\r\n\r\n",
		"YW-_", "YW J", "YR==", "YWJ=", "\x00\x00\x00\x00", "YWJjéé",
	} {
		for size := 1; size <= len(text); size++ {
			if got, err := decode([]byte(text), size); err != web.ErrText {
				t.Errorf("%q by %d: %q, %v", text, size, got, err)
			}
		}
	}
}

// FuzzDecoder: where a text is cut changes nothing, and a text that is taken
// is the one that its bytes are written as, padding apart.
func FuzzDecoder(f *testing.F) {
	for _, s := range []string{"YWJj", "YQ==YWI=", "YW=j", "YWJj\n", "====", "AAAAAA=="} {
		f.Add([]byte(s), uint8(3))
	}
	f.Fuzz(func(t *testing.T, text []byte, size uint8) {
		whole, err := decode(text, max(len(text), 1))
		cut, cutErr := decode(text, int(size)+1)
		if (err == nil) != (cutErr == nil) || err == nil && !bytes.Equal(whole, cut) {
			t.Fatalf("whole %q, %v; by %d %q, %v", whole, err, int(size)+1, cut, cutErr)
		}
		if err != nil {
			return
		}
		var want []byte
		for i := 0; i < len(text); i += 4 {
			group, err := base64.StdEncoding.Strict().DecodeString(string(text[i : i+4]))
			if err != nil {
				t.Fatalf("%q: taken, but group %q is not base64: %v", text, text[i:i+4], err)
			}
			want = append(want, group...)
		}
		if !bytes.Equal(whole, want) {
			t.Fatalf("%q: %q, want %q", text, whole, want)
		}
		if again, err := decode(web.AppendText(nil, whole), int(size)+1); err != nil || !bytes.Equal(again, whole) {
			t.Fatalf("%q written and read is %q, %v", whole, again, err)
		}
	})
}
