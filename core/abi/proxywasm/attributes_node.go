package proxywasm

import (
	"strings"

	"github.com/weirproxy/weir/core/stream"
)

// Node is what filters learn of the proxy that they run in.
type Node struct {
	ID                    string
	Cluster               string // the group of proxies
	Region, Zone, SubZone string
	Metadata              stream.Table
}

// nodeProperty are those of the proxy, which Envoy has under "xds" and Weir at
// the top too. They are the fields of the message config.core.v3.Node.
func (i *instance) nodeProperty(name string, nested bool) ([]byte, status) {
	n := &i.vm.host.Node
	if !nested {
		i.scratch = i.appendNode(i.scratch[:0])
		return i.message()
	}
	field, rest, deeper := strings.Cut(name, "\x00")
	switch {
	case field == "metadata":
		return i.valueProperty(n.Metadata, rest, deeper)
	case field == "locality" && !deeper:
		i.scratch = appendLocality(i.scratch[:0], n)
		return i.message()
	}
	switch name {
	case "id":
		return i.literal(n.ID)
	case "cluster":
		return i.literal(n.Cluster)
	case "locality\x00region":
		return i.literal(n.Region)
	case "locality\x00zone":
		return i.literal(n.Zone)
	case "locality\x00sub_zone":
		return i.literal(n.SubZone)
	case "user_agent_name":
		return i.literal(userAgent)
	case "user_agent_version":
		return i.literal(i.vm.host.Version)
	}
	return nil, statusNotFound
}

// userAgent is the name of this kind of proxy.
const userAgent = "weir"

// appendNode appends the message.
func (i *instance) appendNode(b []byte) []byte {
	n := &i.vm.host.Node
	b = appendText(b, 1, n.ID)
	b = appendText(b, 2, n.Cluster)
	if len(n.Metadata) > 0 {
		b = appendStruct(appendLength(b, 3, structSize(n.Metadata)), n.Metadata)
	}
	if size := textSize(n.Region) + textSize(n.Zone) + textSize(n.SubZone); size > 0 {
		b = appendLocality(appendLength(b, 4, size), n)
	}
	b = appendText(b, 6, userAgent)
	return appendText(b, 7, i.vm.host.Version)
}

// appendLocality appends the message config.core.v3.Locality.
func appendLocality(b []byte, n *Node) []byte {
	return appendText(appendText(appendText(b, 1, n.Region), 2, n.Zone), 3, n.SubZone)
}

// message answers what was put into i.scratch.
func (i *instance) message() ([]byte, status) {
	i.in.Charge(int64(len(i.scratch)) / bytesPerUnit)
	return i.scratch, statusOK
}
