package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCA: what the commands of an authority do, and leave behind.
func TestCA(t *testing.T) {
	dir := t.TempDir()
	does(t, dir, 1, "there is no authority in \"ca\" (\"weir ca init\" makes one)", "ca", "token", "--id", "spiffe://a.test/web")
	does(t, dir, 1, "trust domain \"A\"", "ca", "init", "--trust-domain", "A")
	does(t, dir, 1, "is out of range", "ca", "init", "--trust-domain", "a.test", "--svid-life", "1s")
	does(t, dir, 0, "pin ", "ca", "init", "--trust-domain", "a.test")
	does(t, dir, 1, "has an authority already", "ca", "init", "--trust-domain", "a.test")
	does(t, dir, 1, "is the authority of", "ca", "token", "--id", "spiffe://b.test/web")
	does(t, dir, 0, "weir-join-", "ca", "token", "--id", "spiffe://a.test/web")
	does(t, dir, 0, "svid.pem, svid.key, bundle.pem", "ca", "issue", "--id", "spiffe://a.test/web", "--out", "web")
	does(t, dir, 0, "BEGIN CERTIFICATE", "ca", "bundle")
	does(t, dir, 1, "\"begin\" first", "ca", "rotate", "switch")
	does(t, dir, 0, "is trusted", "ca", "rotate", "begin")
	does(t, dir, 1, "take this step at", "ca", "rotate", "switch")
	does(t, dir, 0, "signs", "ca", "rotate", "switch", "--at-once")
	does(t, dir, 1, "is the authority of", "ca", "revoke", "--id", "spiffe://b.test/web")
	does(t, dir, 0, "spiffe://a.test/web: revoked; join tokens forgotten: 1", "ca", "revoke", "--id", "spiffe://a.test/web", "--reason", "stolen")
	does(t, dir, 0, "spiffe://a.test/web \"stolen\"", "ca", "revoked")
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		if strings.Contains(path, ".next") || strings.HasPrefix(filepath.Base(path), "unfinished-") {
			t.Errorf("%s is left behind", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "ca"), 0o750); err != nil {
		t.Fatal(err)
	}
	does(t, dir, 1, "chmod 0700", "ca", "bundle")
}
