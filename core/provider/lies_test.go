package provider_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/weirproxy/weir/core/provider/contract"
)

// lies are what a rogue says of a service. Each ends in one that is refused.
func lies(name, argument string) []*contract.Snapshot {
	one := func(e ...*contract.Endpoint) []*contract.Snapshot {
		return []*contract.Snapshot{{Version: 11, Endpoints: e}}
	}
	at := func(address string) *contract.Endpoint { return &contract.Endpoint{Address: address} }
	switch name {
	case "env":
		return one(&contract.Endpoint{Address: "10.0.0.2:80", Metadata: map[string]string{"env": names(os.Environ())}})
	case "address":
		return one(at("10.0.0.2:80"), at(argument))
	case "weight":
		// -1, as a careless program encodes it.
		return one(&contract.Endpoint{Address: "10.0.0.2:80", Weight: ^uint32(0)})
	case "identity":
		return one(&contract.Endpoint{Address: "10.0.0.2:80", Identity: argument})
	case "twice":
		return one(at("10.0.0.2:80"), at("10.0.0.2:80"))
	case "older":
		return []*contract.Snapshot{good(9)}
	case "again":
		return []*contract.Snapshot{good(11), good(11)}
	case "versionless":
		return []*contract.Snapshot{good(0)}
	case "endpoints":
		return one(many(10001)...)
	case "empties":
		return one(make([]*contract.Endpoint, 2_000_000)...)
	case "long":
		return one(&contract.Endpoint{Address: "10.0.0.2:80", Metadata: map[string]string{"k": strings.Repeat("v", 5<<20)}})
	case "metadata":
		return one(&contract.Endpoint{Address: "10.0.0.2:80", Metadata: map[string]string{"k": strings.Repeat("v", 5<<10)}})
	case "pairs":
		m := map[string]string{}
		for i := range 65 {
			m[fmt.Sprint(i)] = ""
		}
		return one(&contract.Endpoint{Address: "10.0.0.2:80", Metadata: m})
	}
	return nil
}

func many(n int) []*contract.Endpoint {
	list := make([]*contract.Endpoint, n)
	for i := range list {
		list[i] = &contract.Endpoint{Address: fmt.Sprintf("10.%d.%d.%d:80", i>>16&255, i>>8&255, i&255)}
	}
	return list
}

// names are those of variables.
func names(env []string) string {
	var out []string
	for _, v := range env {
		name, _, _ := strings.Cut(v, "=")
		out = append(out, name)
	}
	return strings.Join(out, " ")
}
