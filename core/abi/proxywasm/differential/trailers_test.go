package differential_test

import . "github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"

// trailerCases are those of messages that have trailers, or get some.
func trailerCases() (all []differentialCase) {
	sent := []string{"X-End: yes", "X-End: again", "X-Other: 1"}
	for i := range ways {
		w := &ways[i]
		with := func(name string, callbacks ...Callback) {
			all = append(all, w.stepwise(one(w.name+"-trailers-"+name, callbacks...), abc, sent...))
		}
		at := func(name string, steps ...Step) { with(name, On(w.trailers, steps...)) }
		at("pass")
		at("get", value(w.trailing, "x-end"), value(w.trailing, "X-OTHER"), value(w.trailing, "missing"), allPairs(w.trailing), Ask("get_header_map_size", w.trailing, Word))
		at("add", add(w.trailing, "x-new", "1"), add(w.trailing, "x-end", "more"), add(w.trailing, "user-agent", "a"), allPairs(w.trailing))
		at("replace", replace(w.trailing, "x-end", "only"), replace(w.trailing, "x-new", "new"), allPairs(w.trailing))
		at("remove", remove(w.trailing, "x-end"), remove(w.trailing, "missing"), allPairs(w.trailing))
		at("remove-all", remove(w.trailing, "x-end"), remove(w.trailing, "x-other"), allPairs(w.trailing))
		at("set-pairs", Ask("set_header_map_pairs", w.trailing, pairs("a", "1", "b", "2", "a", "3")), allPairs(w.trailing))
		at("heads", value(w.fields, "x-case"), allPairs(w.fields), add(w.fields, "a", "b"), remove(w.fields, "a"))
		at("body", w.get(0, everything), w.set(0, 0, "x"))
		with("behind-collected", On(w.body, Ret(1)), On(w.trailers, w.get(0, everything)))
		with("replacing-collected", On(w.body, Ret(1)), On(w.trailers, w.get(0, everything), w.set(0, everything, "new"), w.get(0, everything)))
		with("emptying-collected", On(w.body, Ret(1)), On(w.trailers, w.set(0, everything, "")))
		with("paused", On(w.head, Save(0, Param(0))),
			On(w.trailers, Quiet("set_tick_period_milliseconds", 5), Ret(1)),
			w.resume(add(w.trailing, "x-late", "1"), value(w.trailing, "x-end")))
		all = append(all,
			w.stepwise(one(w.name+"-trailers-added-at-the-end",
				On(w.body, When(Param(2), 1, add(w.trailing, "x-added", "1"), add(w.trailing, "x-added", "2"), value(w.trailing, "x-added"), allPairs(w.trailing)))), abc),
			w.stepwise(one(w.name+"-trailers-set-at-the-end",
				On(w.body, When(Param(2), 1, Ask("set_header_map_pairs", w.trailing, pairs("a", "1"))))), abc),
			w.stepwise(one(w.name+"-trailers-removed-that-are-not-there",
				On(w.body, When(Param(2), 1, remove(w.trailing, "x-added"), allPairs(w.trailing)))), abc),
			w.stepwise(chain(w.name+"-trailers-through-two",
				Program{On(w.trailers, add(w.trailing, "x-first", "1"), allPairs(w.trailing))},
				Program{On(w.trailers, add(w.trailing, "x-second", "2"), allPairs(w.trailing))}), abc, sent...),
			w.stepwise(chain(w.name+"-trailers-added-before-another",
				Program{On(w.body, When(Param(2), 1, add(w.trailing, "x-first", "1")))},
				Program{On(w.trailers, allPairs(w.trailing)), On(w.body, When(Param(2), 1, add(w.trailing, "x-second", "1")))}), abc),
		)
	}
	return all
}
