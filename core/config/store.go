package config

// Store is where limits are kept that hold over a fleet of proxies. No request
// waits for it: while it is away, each proxy holds its share of them.
type Store struct {
	// The provider that keeps them, by its name in [providers]. Default "": this process alone, in memory.
	Provider string `toml:"provider"`
	// How many proxies there are until the store has said: 1 to 10000. Default 1.
	Members int `toml:"members" check:"min=1,max=10000"`
}

func (c *Config) checkStore(r *report) {
	if p := c.Store.Provider; p != "" && !c.hasProvider(p) {
		r.add("store.provider", "there is no %s%s", entry("providers", p), DidYouMean(p, c.namesOf("providers")))
	}
}
