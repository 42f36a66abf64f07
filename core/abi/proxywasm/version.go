package proxywasm

import (
	"errors"
	"fmt"
	"strings"
)

// versions are those of the ABI, as their markers name them. All get every
// function, and callbacks are called by their types: what is left that a
// version decides is what a missing field answers.
var versions = []string{"0_1_0", "0_2_0", "0_2_1"}

// marker is the beginning of the name of the export that says a version.
const marker = "proxy_abi_version_"

// checkVersion wants exactly one marker. It answers whether the version is 0.1.0.
func checkVersion(m exporter) (old bool, err error) {
	var found []string
	for _, v := range versions {
		if _, _, ok := m.Export(marker + v); ok {
			found = append(found, v)
		}
	}
	switch len(found) {
	case 0:
		return false, errors.New("module has no Proxy-Wasm version marker: it must export one of " +
			marker + strings.Join(versions, ", "+marker))
	case 1:
		return found[0] == versions[0], nil
	}
	return false, fmt.Errorf("module has several Proxy-Wasm version markers (%s): it must export one", strings.Join(found, ", "))
}

// The functions that 0.1.0 has and later versions left out.

// getConfiguration is proxy_get_configuration(&data, &size): the filter's in
// on_configure, that of the VM anywhere else.
func (i *instance) getConfiguration(a []uint64) status {
	config := i.vm.config
	if r := i.frame.at.root; r != nil && i.frame.kind == kindConfigure {
		config = r.root.config
	}
	return i.answer(config, a[0], a[1])
}

// continueRequest is proxy_continue_request().
func (i *instance) continueRequest([]uint64) status { return i.resume(streamRequest) }

// continueResponse is proxy_continue_response().
func (i *instance) continueResponse([]uint64) status { return i.resume(streamResponse) }

// clearRoute is proxy_clear_route_cache().
func (i *instance) clearRoute([]uint64) status {
	i.ClearRoute()
	return statusOK
}
