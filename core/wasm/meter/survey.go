package meter

import "fmt"

// Survey is what Rewrite finds out about a module, also about one that it
// refuses for being too large. It is for people who ask why.
func Survey(code []byte) (Info, error) {
	m, err := decode(code, roomy.withDefaults())
	if err != nil {
		return Info{}, fmt.Errorf("surveying the module: %w", err)
	}
	info, profiles, err := m.survey()
	if err != nil {
		return Info{}, fmt.Errorf("surveying the module: %w", err)
	}
	g := m.newGraph(profiles)
	g.components()
	info.Recursion = g.recursion()
	info.Recursive = info.Recursion.Functions > 0
	return info, nil
}
