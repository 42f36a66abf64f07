package main_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/weirproxy/weir/core/coretest"
)

// TestPasswordsFromAFile: users as htpasswd writes them, and a flood of wrong
// passwords that stands in nobody's way who was let in before.
func TestPasswordsFromAFile(t *testing.T) {
	cost := 7 // the queue is through within patience on a slow machine, too
	if race {
		cost = bcrypt.MinCost
	}
	hash, err := bcrypt.GenerateFromPassword([]byte("right"), cost)
	if err != nil {
		t.Fatal(err)
	}
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Seen", r.Header.Get("X-User")+"|"+r.Header.Get("Authorization"))
	}))
	dir := t.TempDir()
	write(t, dir, "htpasswd", "ann:"+string(hash)+"\n")
	text := strings.Replace(gateway(up.Addr, `[filters.staff]
use = "basicauth"
security = true
config = { users = { file = "htpasswd" }, identity_header = "x-user" }
[[routes]]
name = "open"
match = { path_prefix = "/open" }
cluster = "up"
`, atOnce), "cluster = \"up\"\n", "cluster = \"up\"\nfilters = [\"staff\"]\n", 1)
	p := start(t, "run", "-c", write(t, dir, "proxy.toml", text))
	at := p.ready().Listen["gateway"][0]
	ask := func(password string) coretest.Response {
		return coretest.Get(t, at, "/", "Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte("ann:"+password)))
	}
	if r := ask("right"); r.Status != http.StatusOK || r.Header.Get("X-Seen") != "ann|" {
		t.Fatalf("ann: %+v", r)
	}
	if r := coretest.Get(t, at, "/"); r.Status != http.StatusUnauthorized || r.Header.Get("Www-Authenticate") != `Basic realm="weir", charset="UTF-8"` {
		t.Errorf("nobody: %+v", r)
	}
	const flood = 200
	statuses := make(chan int, flood)
	var all sync.WaitGroup
	for range flood {
		all.Go(func() { statuses <- ask("wrong").Status })
	}
	for range 20 {
		if r := ask("right"); r.Status != http.StatusOK {
			t.Errorf("ann amid a flood: %+v", r)
		}
		if r := coretest.Get(t, at, "/open"); r.Status != http.StatusOK {
			t.Errorf("a route without the filter, amid a flood: %+v", r)
		}
	}
	all.Wait()
	close(statuses)
	count := map[int]int{}
	for s := range statuses {
		count[s]++
	}
	if count[401] == 0 || count[401]+count[503] != flood {
		t.Errorf("the flood was answered %v", count)
	}
}
