package sdk

// Plugin is one configured filter. What it can do is seen from its methods:
// the handler interfaces of the phases, [StreamMaker], [TickHandler],
// [QueueHandler], [Closer].
type Plugin any

// Factory makes a Plugin from the configuration, r.Config. Its error is
// logged, and the host refuses the configuration: say what is wrong and how to
// mend it.
type Factory func(r *Root) (Plugin, error)

type registration struct {
	rootID  string
	factory Factory
}

var registry []registration

// Register offers a filter under a root id. Call it in an init function. A
// module may hold several; one that holds a single filter answers to every
// root id.
func Register(rootID string, f Factory) {
	for i := range registry {
		if registry[i].rootID == rootID {
			panic("sdk: root id registered twice: " + rootID)
		}
	}
	registry = append(registry, registration{rootID, f})
}

// factoryFor finds the filter of a root id, or says which there are.
func factoryFor(rootID string) (Factory, error) {
	names := ""
	for i := range registry {
		if registry[i].rootID == rootID {
			return registry[i].factory, nil
		}
		names += " " + quote(registry[i].rootID)
	}
	if len(registry) == 1 {
		return registry[0].factory, nil
	}
	return nil, textError("no filter has the root id " + quote(rootID) + "; the module holds" + names)
}
