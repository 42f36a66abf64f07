package authority_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/identity/authority"
)

// believes says whether who has the bundle believes what was issued.
func believes(bundle []byte, of *authority.Issued, now time.Time) bool {
	_, err := identity.ParseSVID(of.Chain, of.Key, bundle, now)
	return err == nil
}

// TestRotation: at each moment, every member that renews in time believes every
// other, whichever of them has renewed since the last step.
func TestRotation(t *testing.T) {
	now := time.Now()
	a, dir := create(t, now)
	issue := func() *authority.Issued {
		t.Helper()
		got, err := a.Issue(web, 0, now)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	held := issue()
	if err := a.Rotate(authority.Switch, false, now); err == nil || !strings.Contains(err.Error(), "\"begin\" first") {
		t.Errorf("%v", err)
	}
	for _, step := range []authority.Step{authority.Begin, authority.Switch, authority.End} {
		if step != authority.Begin {
			if err := a.Rotate(step, false, now.Add(59*time.Minute)); err == nil || !strings.Contains(err.Error(), "or later") {
				t.Errorf("%s, too early: %v", step, err)
			}
			now = now.Add(time.Hour)
			held = issue() // of before the step: all have renewed since the last
		}
		other, err := authority.Open(dir) // a command beside the server
		if err != nil {
			t.Fatal(err)
		}
		if err := other.Rotate(step, false, now); err != nil {
			t.Fatal(err)
		}
		fresh := issue()
		if !believes(fresh.Bundle, held, now) || !believes(held.Bundle, fresh, now) {
			t.Errorf("after %s: the new is believed %v, the old %v", step, believes(held.Bundle, fresh, now), believes(fresh.Bundle, held, now))
		}
	}
	if pins, err := a.Pins(); err != nil || len(pins) != 1 {
		t.Errorf("%q, %v", pins, err)
	}
	if err := a.Rotate("back", true, now); err == nil {
		t.Error("there is a step back")
	}
}

// TestRootEnds: nothing outlives its root, and one that has ended signs nothing.
func TestRootEnds(t *testing.T) {
	now := time.Now()
	a, _ := create(t, now)
	late := now.Add(23*time.Hour + 30*time.Minute)
	got, err := a.Issue(web, 0, late)
	if err != nil {
		t.Fatal(err)
	}
	own, err := identity.ParseSVID(got.Chain, got.Key, got.Bundle, late)
	if err != nil || own.Ends().After(now.Add(24*time.Hour)) {
		t.Errorf("%v, %v", own, err)
	}
	if _, err := a.Issue(web, 0, now.Add(25*time.Hour)); err == nil || !strings.Contains(err.Error(), "rotate") {
		t.Errorf("%v", err)
	}
}

// TestRootEndsSoon: whoever runs an authority is told in time, and not before.
func TestRootEndsSoon(t *testing.T) {
	for age, told := range map[time.Duration]bool{0: false, 20 * time.Hour: false, 22 * time.Hour: true} {
		a, _ := create(t, time.Now().Add(-age))
		log := new(coretest.Log)
		openLogged(t, a, log).ask("GET", authority.BundlePath, nil)
		if log.Has("WARN", "begin to rotate") != told {
			t.Errorf("after %v of 24h: %v", age, log)
		}
	}
}

func TestBadAuthorities(t *testing.T) {
	good := authority.Options{TrustDomain: "a.test", Life: 24 * time.Hour, SVIDLife: time.Hour}
	for says, change := range map[string]func(o *authority.Options){
		"trust domain \"\"":               func(o *authority.Options) { o.TrustDomain = "" },
		"name it alone, as in \"a.test\"": func(o *authority.Options) { o.TrustDomain = "spiffe://a.test/web" },
		"trust domain characters":         func(o *authority.Options) { o.TrustDomain = "A.test" },
		"1s for identities":               func(o *authority.Options) { o.SVIDLife = time.Second },
		"1h30m0s for the root":            func(o *authority.Options) { o.Life = 90 * time.Minute },
	} {
		o := good
		change(&o)
		if _, err := authority.Create(filepath.Join(t.TempDir(), "ca"), o, time.Now()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v, want %q", o, err, says)
		}
	}
	a, dir := create(t, time.Now())
	if _, err := authority.Create(dir, good, time.Now()); err == nil || !strings.Contains(err.Error(), "has an authority already") {
		t.Errorf("%v", err)
	}
	if _, err := authority.Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "weir ca init") {
		t.Errorf("%v", err)
	}
	for id, says := range map[string]string{"web": "not a SPIFFE ID", "spiffe://b.test/web": "is the authority of", "spiffe://a.test": "nobody is"} {
		if _, err := a.Issue(id, 0, time.Now()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", id, err)
		}
		if _, err := a.Token(id, time.Minute, time.Now()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", id, err)
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := authority.Open(dir); err == nil || !strings.Contains(err.Error(), "chmod 0700") {
		t.Errorf("a folder that others read: %v", err)
	}
}

// TestBadFolders: what was kept and is not as we write it is refused with a reason.
func TestBadFolders(t *testing.T) {
	_, dir := create(t, time.Now())
	path := filepath.Join(dir, "authority.json")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(m map[string]any){
		"another version":  func(m map[string]any) { m["version"] = 2 },
		"no trust domain":  func(m map[string]any) { m["trust_domain"] = "" },
		"no life":          func(m map[string]any) { m["svid_life"] = "long" },
		"no root":          func(m map[string]any) { m["roots"] = nil },
		"no key":           func(m map[string]any) { m["roots"].([]any)[0].(map[string]any)["key"] = "" },
		"two that sign":    func(m map[string]any) { m["roots"] = append(m["roots"].([]any), m["roots"].([]any)[0]) },
		"none that signs":  func(m map[string]any) { m["roots"].([]any)[0].(map[string]any)["stage"] = "goes" },
		"of no stage":      func(m map[string]any) { m["roots"].([]any)[0].(map[string]any)["stage"] = "x" },
		"another's cert":   func(m map[string]any) { m["roots"].([]any)[0].(map[string]any)["cert"] = "x" },
		"roots of no kind": func(m map[string]any) { m["roots"] = "x" },
	} {
		var m map[string]any
		if err := json.Unmarshal(good, &m); err != nil {
			t.Fatal(err)
		}
		change(m)
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := authority.Open(dir); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
