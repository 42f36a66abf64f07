package authority

import (
	"crypto"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"

	"github.com/weirproxy/weir/core/private"
)

// roots are those of an authority, and the lives that it gives.
type roots struct {
	domain             spiffeid.TrustDomain
	rootLife, svidLife time.Duration
	all                []kept
}

// kept is a root in its place.
type kept struct {
	*Root
	stage stage
	since time.Time
}

type stage string

// The stages of a root, in the order of its life. Members trust by all of them.
const (
	waits stage = "waits" // members learn of it
	signs stage = "signs" // the only one
	goes  stage = "goes"  // what it has signed ends
)

func (r *roots) signer() *Root { return r.all[r.find(signs)].Root }

func (r *roots) find(s stage) int {
	return slices.IndexFunc(r.all, func(k kept) bool { return k.stage == s })
}

// Step is one of a rotation.
type Step string

// The steps, in order. Between two of them passes the life of an identity: members
// get the roots with each renewal.
const (
	Begin  Step = "begin"  // a new root is there to trust by
	Switch Step = "switch" // it signs, and the old one goes
	End    Step = "end"    // the old one is trusted no more
)

// Rotate takes one step. Before its time it is refused, since members would not
// believe each other any more; atOnce takes it nevertheless. Of two at once, in
// processes of their own too, the later starts from what the earlier has made.
func (a *Authority) Rotate(step Step, atOnce bool, now time.Time) error {
	unlock, err := private.Lock(a.dir)
	if err != nil {
		return err
	}
	defer unlock()
	before, err := a.current()
	if err != nil {
		return err
	}
	r := *before
	r.all = slices.Clone(before.all)
	switch step {
	case Begin:
		err = r.begin(now)
	case Switch:
		err = r.turn(atOnce, now)
	case End:
		err = r.end(atOnce, now)
	default:
		err = fmt.Errorf("there is no step %q; there is %q, %q and %q", step, Begin, Switch, End)
	}
	if err != nil {
		return err
	}
	return a.save(&r)
}

func (r *roots) begin(now time.Time) error {
	if len(r.all) > 1 {
		return errors.New("a rotation is under way; take its other steps first")
	}
	fresh, err := newRoot(r.domain, r.rootLife, now)
	if err != nil {
		return err
	}
	r.all = append(r.all, kept{fresh, waits, now})
	return nil
}

func (r *roots) turn(atOnce bool, now time.Time) error {
	next := r.find(waits)
	if next < 0 {
		return errors.New("there is no new root to switch to; take the step \"begin\" first")
	}
	if err := r.all[next].due(r.svidLife, atOnce, now); err != nil {
		return err
	}
	old := r.find(signs)
	r.all[old].stage, r.all[old].since = goes, now
	r.all[next].stage, r.all[next].since = signs, now
	return nil
}

func (r *roots) end(atOnce bool, now time.Time) error {
	old := r.find(goes)
	if old < 0 {
		return errors.New("there is no old root to be rid of; take the step \"switch\" first")
	}
	if err := r.all[old].due(r.svidLife, atOnce, now); err != nil {
		return err
	}
	r.all = slices.Delete(r.all, old, old+1)
	return nil
}

// due says whether the life of an identity has passed since a root came into its
// stage.
func (k *kept) due(life time.Duration, atOnce bool, now time.Time) error {
	if at := k.since.Add(life); !atOnce && now.Before(at) {
		return fmt.Errorf("members may not know yet; take this step at %s or later", at.UTC().Format(time.RFC3339))
	}
	return nil
}

// written is how roots are kept.
type written struct {
	Version     int           `json:"version"`
	TrustDomain string        `json:"trust_domain"`
	RootLife    string        `json:"root_life"`
	SVIDLife    string        `json:"svid_life"`
	Roots       []writtenRoot `json:"roots"`
}

type writtenRoot struct {
	Stage stage     `json:"stage"`
	Since time.Time `json:"since"`
	Cert  string    `json:"cert"`
	Key   string    `json:"key"`
}

// MarshalJSON writes them with their keys.
func (r *roots) MarshalJSON() ([]byte, error) {
	w := written{Version: 1, TrustDomain: r.domain.Name(), RootLife: r.rootLife.String(), SVIDLife: r.svidLife.String()}
	for _, k := range r.all {
		key, err := keyPEM(k.key)
		if err != nil {
			return nil, err
		}
		w.Roots = append(w.Roots, writtenRoot{k.stage, k.since.UTC(), string(certPEM(k.Cert)), string(key)})
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads them.
func (r *roots) UnmarshalJSON(b []byte) (err error) {
	var w written
	if err := json.Unmarshal(b, (*written)(&w)); err != nil {
		return err
	}
	if w.Version != 1 {
		return fmt.Errorf("it is of version %d, and this program knows version 1", w.Version)
	}
	if r.domain, err = spiffeid.TrustDomainFromString(w.TrustDomain); err != nil {
		return err
	}
	if r.rootLife, err = time.ParseDuration(w.RootLife); err != nil {
		return err
	}
	if r.svidLife, err = time.ParseDuration(w.SVIDLife); err != nil {
		return err
	}
	signers := 0
	for _, k := range w.Roots {
		pair, err := tls.X509KeyPair([]byte(k.Cert), []byte(k.Key))
		if err != nil {
			return err
		}
		key, ok := pair.PrivateKey.(crypto.Signer)
		if !ok || !pair.Leaf.IsCA {
			return errors.New("a root of it is none")
		}
		switch k.Stage {
		case signs:
			signers++
		case waits, goes:
		default:
			return fmt.Errorf("a root of it is of stage %q, which is unknown", k.Stage)
		}
		r.all = append(r.all, kept{&Root{pair.Leaf, key}, k.Stage, k.Since})
	}
	if signers != 1 {
		return fmt.Errorf("%d of its roots sign, want one", signers)
	}
	return nil
}
