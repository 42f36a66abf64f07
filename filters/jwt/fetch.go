package jwt

import (
	"bytes"
	"strconv"
	"time"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/jsonconf"
	"github.com/weirproxy/weir/sdk/weir"
)

// begin has keys fetched at once, and looked after from then on.
func (f *filter) begin(r *sdk.Root) error {
	remotes := false
	for _, is := range f.issuers {
		m := is.remote
		if m == nil {
			continue
		}
		remotes = true
		if weir.Lane() != 0 {
			continue
		}
		q, err := sdk.RegisterQueue(m.queueName)
		if err != nil {
			return failure("the host has no room for a queue: " + err.Error())
		}
		m.queue = q
	}
	if remotes {
		return r.SetTick(eagerTick) // the first one fetches
	}
	return nil
}

// OnTick fetches what is due, on lane 0, and on any lane takes over what was
// fetched.
func (f *filter) OnTick(r *sdk.Root) {
	if weir.Lane() == 0 {
		now := sdk.NowNano()
		for _, is := range f.issuers {
			if m := is.remote; m != nil && !m.fetching && now >= m.next {
				f.fetch(r, is)
			}
		}
	}
	f.look(r)
}

// OnQueue is told on lane 0 that keys are asked for.
func (f *filter) OnQueue(r *sdk.Root, q sdk.Queue) {
	for {
		if _, err := q.Pop(); err != nil {
			break
		}
	}
	for _, is := range f.issuers {
		if is.remote != nil && is.remote.queue == q && !is.remote.fetching {
			f.fetch(r, is)
		}
	}
}

func (f *filter) fetch(r *sdk.Root, is *issuer) {
	m := is.remote
	m.fetching = true
	f.fetched.Add(1)
	_, err := r.Call(sdk.Call{Cluster: m.cluster, Headers: m.head, Timeout: fetchTimeout}, func(answer *sdk.CallResponse) {
		f.finish(is, f.store(is, answer))
	})
	if err != nil {
		f.finish(is, "the call to cluster "+jsonconf.Quote(m.cluster)+" was not made ("+err.Error()+"); is it among the filter's calls?")
	}
}

// finish notes how a fetch ended: problem is "" if well.
func (f *filter) finish(is *issuer, problem string) {
	m := is.remote
	m.fetching = false
	if problem == "" {
		m.failures = 0
	} else {
		wait := min(firstRetry<<min(m.failures, 10), lastRetry)
		m.failures++
		m.next = sdk.NowNano() + int64(wait)
		f.failed.Add(1)
		sdk.Warn("fetching keys of issuer ", jsonconf.Quote(is.name), ": ", problem, "; trying again in ", wait.String(),
			", what was fetched before stays in use")
	}
	_ = weir.Delete(m.askedAt, 0) // those who wait go on
}

// store keeps the keys of an answer in the host. What it answers says why it
// did not.
func (f *filter) store(is *issuer, answer *sdk.CallResponse) (problem string) {
	m := is.remote
	if answer.Failed {
		return "there was no answer"
	}
	if status := answer.Status(); status != 200 {
		return "the answer has status " + strconv.Itoa(status)
	}
	body, err := answer.Body()
	switch {
	case err != nil:
		return "reading the answer: " + err.Error()
	case len(body) > maxKeySet:
		return "the answer has more than 256 KiB"
	}
	control, _ := answer.Headers().Get("cache-control")
	life := lifetime(control, m.life)
	keys, err := publicKeys(body)
	switch {
	case err != nil:
		return "reading the answer: " + err.Error()
	case len(keys) > maxKeys:
		return "the answer has more keys than 14 KiB hold"
	}
	if err := weir.NewJWTVerifier(is.allowed, nil, sdk.View(keys)).Ready(); err != nil {
		return "the answer has no key for the issuer's algorithms"
	}
	old, _, err := weir.Get(m.keysAt)
	if err != nil || !bytes.Equal(old, keys) {
		if _, err := weir.Set(m.keysAt, keys, 0, 0); err != nil {
			return "keeping the keys: " + err.Error() + "; is wasm.shared_data too small?"
		}
	}
	m.next = sdk.NowNano() + int64(life)
	return ""
}

// lifetime is how long keys may be used before they are fetched again
// (RFC 9111, section 5.2.2.1), within our bounds.
func lifetime(control []byte, otherwise time.Duration) time.Duration {
	for len(control) > 0 {
		var directive []byte
		directive, control, _ = bytes.Cut(control, []byte(","))
		directive = bytes.TrimSpace(directive)
		const name = "max-age="
		if len(directive) <= len(name) || !bytes.EqualFold(directive[:len(name)], []byte(name)) {
			continue
		}
		n, err := strconv.ParseUint(string(bytes.Trim(directive[len(name):], `"`)), 10, 31)
		if err == nil {
			return max(shortestLife, min(time.Duration(n)*time.Second, longestLife))
		}
	}
	return otherwise
}
