package server

import (
	"errors"
	"fmt"
	"slices"
	"syscall"

	"github.com/weirproxy/weir/core/config"
)

// unbound is a problem with the address of a listener, in its place in the file.
func unbound(cfg *config.Config, key string, err error) error {
	return cfg.Problem(key, err.Error()+remedy(err))
}

// remedy says what can be done about an address that cannot be had.
func remedy(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return `; another process has it ("ss -ltnp" tells which): end that, or choose another address`
	case errors.Is(err, syscall.EACCES):
		return "; ports below 1024 need CAP_NET_BIND_SERVICE, or a port above"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "; this machine has no such address: choose one of its own, or none before the colon for all"
	}
	return ""
}

// key is where the file names the address of a place.
func (p *place) key(cfg *config.Config) string {
	switch {
	case p.service != "":
		at := slices.IndexFunc(cfg.TCP, func(t config.TCP) bool { return t.Name == p.service })
		return fmt.Sprintf("tcp[%d].listen[%d]", at, slices.Index(cfg.TCP[at].Listen, p.addr))
	case p.side == config.SideInbound, p.side == config.SideOutbound:
		return "sidecar." + string(p.side)
	case p.secure:
		return fmt.Sprintf("gateway.tls_listen[%d]", slices.Index(cfg.Gateway.TLSListen, p.addr))
	}
	return fmt.Sprintf("gateway.listen[%d]", slices.Index(cfg.Gateway.Listen, p.addr))
}
