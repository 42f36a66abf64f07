package trial

import (
	"fmt"

	"github.com/weirproxy/weir/core/trial/rig"
)

// calls compares the calls that were made, in their order.
func (m *matcher) calls(key string, want []wantCall, got []rig.Call) {
	if len(want) != len(got) {
		shown := make([]string, len(got))
		for i := range got {
			shown[i] = got[i].String()
		}
		m.add(key, fmt.Sprintf("%d calls", len(want)), lines(shown))
		return
	}
	for i := range want {
		w, c, at := &want[i], &got[i], fmt.Sprintf("%s[%d]", key, i)
		m.text(&w.Cluster, c.Cluster)
		m.message(at, w.message(), seenCall(c))
		if w.Timeout > 0 && w.Timeout.Std() != c.Timeout {
			m.add(at+".timeout", w.Timeout.String(), c.Timeout.String())
		}
	}
}

func (m *matcher) metrics(want wantNumbers, r *rig.Rig) {
	for _, w := range want {
		got, ok := r.Metric(w.name)
		switch {
		case !ok:
			m.add(w.key, fmt.Sprint(w.value), "no filter has defined that metric")
		case got != w.value:
			m.add(w.key, fmt.Sprint(w.value), fmt.Sprint(got))
		}
	}
}

func (m *matcher) shared(key string, e *expectTable, r *rig.Rig, filter string) {
	for i := range e.SharedData {
		w := &e.SharedData[i]
		v, ok := r.SharedData(filter, w.name)
		switch {
		case !ok:
			m.add(w.key, w.String(), "nothing has that key")
		case !w.values[0].fits(v):
			m.add(w.key, w.String(), quote(v))
		}
	}
	for i, name := range e.NoSharedData {
		if v, ok := r.SharedData(filter, name); ok {
			m.add(fmt.Sprintf("%s.no_shared_data[%d]", key, i), "nothing with the key "+quote(name), quote(v))
		}
	}
}
