package filters

import "encoding/json"

// Clusters are the keys of a filter's config, wherever they stand in it, that name a
// cluster, and whether the filter calls it: then it must be one of its calls. The
// schemas mark them by "x-cluster": "call" or "choice".
func Clusters(name string) (keys map[string]bool) {
	text, _ := Schema(name)
	var schema any
	if json.Unmarshal(text, &schema) != nil {
		return nil
	}
	keys = map[string]bool{}
	gather(schema, keys)
	return keys
}

func gather(schema any, keys map[string]bool) {
	switch s := schema.(type) {
	case map[string]any:
		for key, of := range s {
			if marked, ok := of.(map[string]any); ok && marked["x-cluster"] != nil {
				keys[key] = marked["x-cluster"] == "call"
			}
			gather(of, keys)
		}
	case []any:
		for _, of := range s {
			gather(of, keys)
		}
	}
}
