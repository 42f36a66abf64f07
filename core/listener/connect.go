package listener

import (
	"net/netip"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
)

var connected = []byte("HTTP/1.1 200 OK\r\n\r\n")

// refusals are what a CONNECT is answered that goes nowhere, by the fault's kind.
var refusals = map[fault.Kind][]byte{
	fault.NoRoute: []byte("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
	fault.Unknown: []byte("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
}

var errUnknownDestination = fault.New(fault.NoRoute, "connecting: no route and no cluster has the destination, and sidecar.unknown is \"refuse\"", nil)

// connects says whether the connection begins with a CONNECT request that is ours to
// answer. One within another, or in a connection that was meant for somebody else, is not.
func (k *http1Carrier) connects() bool {
	return k.settings.Connect != nil && k.c.meant == "" && k.http.Begins(http1.Connect)
}

// connect answers a CONNECT request. What follows is as if its client had connected to
// that destination and been redirected here; nil where it goes nowhere.
func (k *http1Carrier) connect() (next carrier) {
	to, err := k.http.ReadConnect()
	if at, wrong := netip.ParseAddrPort(to); err == nil && (wrong == nil && k.settings.Connect.Own(at) || !k.listener.opt.Proxy.Knows(k.settings.Side, to)) {
		err = errUnknownDestination
	}
	k.transport.ArmWrite(k.settings.HTTP.WriteIdle)
	if err != nil {
		k.listener.opt.Log.Debug("a CONNECT was refused", "listener", k.settings.Side, "client", k.c.source, "to", to, "err", err)
		answer := refusals[fault.KindOf(err)]
		if answer == nil {
			answer = refusals[fault.Unknown]
		}
		if k.transport.WriteVec(answer, nil, nil) == nil {
			k.http.Linger(lingerBytes, lingerWait)
		}
		return nil
	}
	if k.transport.WriteVec(connected, nil, nil) != nil {
		return nil
	}
	k.http.Handover() // nothing was read behind the request
	k.c.meant, k.c.unknownTo = to, k.settings.Connect.UnknownTo
	k.c.hint = k.settings.Connect.hint(to)
	return k.listener.carrierOf(k.c, k.transport, "", k.settings)
}
