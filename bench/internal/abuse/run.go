// Package abuse measures what clients of HTTP/2 that mean harm do to one that
// does not.
//
// Start at [Run].
package abuse

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/weirproxy/weir/bench/internal/system"
)

const (
	watchFor  = time.Second
	pace      = 2 * time.Millisecond  // of the good client
	attackers = 4                     // connections at once
	between   = 50 * time.Millisecond // from one connection of an attacker to the next
)

// Most is how many times slower a good client may become.
const Most = 2

// Result is what one attack did to the good client: medians over the rounds of
// its median and its 99th percentile, beside those of the seconds before.
type Result struct {
	Attack          string
	Calm, Under     time.Duration // median
	Calm99, Under99 time.Duration
}

// Ratio is how many times slower the good client's median was.
func (r Result) Ratio() float64 { return float64(r.Under) / float64(r.Calm) }

// Run measures all attacks, each beside a calm second, for so many rounds.
func Run(ctx context.Context, setup *system.Setup, rounds int, log io.Writer) ([]Result, error) {
	systems, err := system.Named([]string{"weir+h2"})
	if err != nil {
		return nil, err
	}
	if err := setup.Prepare(ctx, systems); err != nil {
		return nil, err
	}
	r, err := setup.Start(ctx, systems[0])
	if err != nil {
		return nil, err
	}
	var all []Result
	for i := range attacks {
		k := &attacks[i]
		_, _ = fmt.Fprintf(log, "%s\n", k.name)
		var times [4][]time.Duration
		for range rounds {
			for j, attack := range []*attack{nil, k} {
				p50, p99, err := watch(ctx, r.URL, r.Addr, attack)
				if err != nil {
					return nil, fmt.Errorf("watching during %q: %w", k.name, err)
				}
				times[j] = append(times[j], p50)
				times[j+2] = append(times[j+2], p99)
			}
		}
		all = append(all, Result{k.name, middle(times[0]), middle(times[1]), middle(times[2]), middle(times[3])})
	}
	return all, nil
}

// watch asks at a steady pace for a while, during an attack if there is one.
func watch(ctx context.Context, url, addr string, k *attack) (p50, p99 time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, watchFor)
	defer cancel()
	var all sync.WaitGroup
	defer all.Wait()
	if k != nil {
		for range attackers {
			all.Go(func() {
				for ctx.Err() == nil {
					k.strike(addr, watchFor)
					time.Sleep(between)
				}
			})
		}
	}
	t := &http.Transport{Protocols: new(http.Protocols)}
	t.Protocols.SetUnencryptedHTTP2(true)
	defer t.CloseIdleConnections()
	var took []time.Duration
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for ctx.Err() == nil {
		<-tick.C
		from := time.Now()
		if err := ask(t, url); err != nil {
			return 0, 0, err
		}
		took = append(took, time.Since(from))
	}
	slices.Sort(took)
	return took[len(took)/2], took[len(took)*99/100], nil
}

func ask(t *http.Transport, url string) error {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := t.RoundTrip(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("the answer's status is %d, want 200", resp.StatusCode)
	}
	return err
}

// Write shows the results to people.
func Write(w io.Writer, results []Result) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintf(t, "%-16s\tcalm p50 us\tp50 us\tratio\tcalm p99 us\tp99 us\tat most\tverdict\t\n", "attack")
	for _, r := range results {
		verdict := "pass"
		if r.Ratio() > Most {
			verdict = "miss"
		}
		_, _ = fmt.Fprintf(t, "%-16s\t%d\t%d\t%.2f\t%d\t%d\t%d\t%s\t\n", r.Attack, r.Calm.Microseconds(), r.Under.Microseconds(), r.Ratio(),
			r.Calm99.Microseconds(), r.Under99.Microseconds(), Most, verdict)
	}
	return t.Flush()
}

func middle(of []time.Duration) time.Duration { return slices.Sorted(slices.Values(of))[len(of)/2] }
