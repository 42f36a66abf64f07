package httpwasm

// features are what a guest may ask for beyond the ordinary, because it costs.
type features uint32

// The features.
const (
	bufferRequest  features = 1 << iota // bodies of requests can be read and are passed on nevertheless
	bufferResponse                      // responses are held back, whole, until handle_response has returned
	trailers                            // trailers can be read and changed

	allFeatures features = 1<<iota - 1
)

func (f features) has(x features) bool { return f&x != 0 }

// enableFeatures is enable_features(features): it answers those that are
// enabled. While the module starts it is for all requests, in handle_request
// for this one; after that it is too late.
func (i *instance) enableFeatures(a []uint64) uint64 {
	asked := features(uint32(a[0])) & allFeatures
	p := i.part
	switch {
	case p == nil:
		i.base |= asked
		return uint64(i.base)
	case p.stage == stageRequest:
		p.features |= asked
	}
	return uint64(p.features)
}

// getConfig is get_config(buf, limit).
func (i *instance) getConfig(a []uint64) uint64 {
	return i.give(a[0], a[1], i.filter.spec.Config)
}
