package file

import (
	"bytes"
	"fmt"
	"path/filepath"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/discovery"
)

// maxFile bounds a file, in bytes.
const maxFile = 4 << 20

// document is what a file has.
type document struct {
	// Endpoints of the service; an empty list where there is none.
	Endpoints []config.Endpoint `toml:"endpoints" check:"short=address"`
}

// Parse reads a file of endpoints: TOML, or JSON where its name ends in .json. It
// has a key endpoints like a cluster's, or, of JSON, is that list alone. The error
// is all that is wrong.
func Parse(path string, data []byte) ([]discovery.Endpoint, error) {
	var d document
	doc, err := open(path, data, &d)
	if err != nil {
		return nil, err
	}
	if d.Endpoints == nil {
		doc.Add("endpoints", "missing; it lists \"host:port\", or is [] where there is none")
	}
	list := make([]discovery.Endpoint, len(d.Endpoints))
	for i, e := range d.Endpoints {
		if e.Address == "" {
			doc.Add(fmt.Sprintf("endpoints[%d].address", i), "missing; write it like \"127.0.0.1:8080\"")
		}
		list[i] = discovery.Endpoint{Addr: e.Address, Weight: uint32(max(e.Weight, 1))}
	}
	if n := len(list); n > discovery.MaxEndpoints {
		doc.Add("endpoints", "has %d, more than %d", n, discovery.MaxEndpoints)
	}
	if err := doc.Err(); err != nil {
		return nil, err
	}
	return list, nil
}

func open(path string, data []byte, into *document) (*config.Document, error) {
	if len(data) > maxFile {
		return nil, config.Problems{{File: path, Message: fmt.Sprintf("has more than %v", config.Size(maxFile))}}
	}
	if filepath.Ext(path) != ".json" {
		return config.ParseDocument(path, data, into)
	}
	if text := bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff"))); len(text) > 0 && text[0] == '[' {
		data = bytes.Join([][]byte{[]byte(`{"endpoints":`), text, []byte("}")}, nil)
	}
	return config.ParseJSON(path, data, into)
}
