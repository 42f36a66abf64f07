package foreign_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"strings"
	"testing"
	"time"
)

// BenchmarkFunctions shows what calls cost, ordinary ones and the heaviest
// that are allowed on a lane, beside what they say that they cost.
func BenchmarkFunctions(b *testing.B) {
	rsaKey, _ := rsa.GenerateKey(rand.Reader, 2048)
	curveKey, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	rsaPrivate, _ := x509.MarshalPKCS8PrivateKey(rsaKey)
	rsaPublic, _ := x509.MarshalPKIXPublicKey(&rsaKey.PublicKey)
	curvePublic, _ := x509.MarshalPKIXPublicKey(&curveKey.PublicKey)
	c := newCall(b)
	run := func(name string, args []byte) []byte {
		out, _ := invoke(b, c, name, args)
		return out
	}
	run("weir.kv_set", encode(int64(0), uint32(0), uint32(1), "k", make([]byte, 64)))
	curvePrivate, _ := x509.MarshalPKCS8PrivateKey(curveKey)
	signature := run("sign", message(1, "sha256", 2, rsaPrivate, 3, "text"))[5:]        // 256 bytes behind two tags
	curveSignature := run("sign", message(1, "sha256", 2, curvePrivate, 3, "text"))[4:] // as many as its own length says
	path := "/api/v2/users/12345/orders?page=3&sort=date"
	for _, f := range []struct {
		label, name string
		args        []byte
	}{
		{"kv_get", "weir.kv_get", []byte("k")},
		{"kv_increment", "weir.kv_increment", encode(int64(1), int64(0), "n")},
		{"rate_take", "weir.rate_take", encode(uint32(0), uint32(0), int64(100), time.Second, int64(0), int64(1), "client")},
		{"sha256/64B", "weir.hash", encode(uint32(1), make([]byte, 64))},
		{"sha512/16KiB", "weir.hash", encode(uint32(3), make([]byte, 16<<10-4))},
		{"xxhash64/1KiB", "weir.hash", encode(uint32(4), make([]byte, 1<<10))},
		{"hmac/256B", "weir.hmac", encode(uint32(1), uint32(32), make([]byte, 32+256))},
		{"random/16B", "weir.random", encode(uint32(16))},
		{"regex/path", "weir.regex", regex(0, "^/api/v[0-9]+/users/([0-9]+)/", "", path)},
		{"regex/replace", "weir.regex", regex(2, "[0-9]+", "{n}", path)},
		{"regex/worst", "weir.regex", regex(0, "(x+x+)+"+strings.Repeat("[a-y]?", 100)+"z", "", strings.Repeat("x", 200))},
		{"regex/long", "weir.regex", regex(0, "(a|b)*abb(a|b)*c$", "", strings.Repeat("ab", 1900))},
		{"compress/1KiB", "compress", []byte(strings.Repeat("some words ", 93))},
		{"verify/rsa", "verify_signature", message(1, "sha256", 2, rsaPublic, 3, signature, 4, "text")},
		{"verify/p256", "verify_signature", message(1, "sha256", 2, curvePublic, 3, curveSignature, 4, "text")},
		{"sign/rsa", "sign", message(1, "sha256", 2, rsaPrivate, 3, "text")},
	} {
		b.Run(f.label, func(b *testing.B) {
			function := registry.Find([]byte(f.name))
			dst := make([]byte, 0, 1024)
			_, _, s := function.Run(c, dst, f.args)
			if s != 0 {
				b.Fatalf("status %d", s)
			}
			b.ReportAllocs()
			var cost int64
			for b.Loop() {
				_, cost, _ = function.Run(c, dst, f.args)
			}
			b.ReportMetric(float64(cost), "charged-ns")
		})
	}
}
