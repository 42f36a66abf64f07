package config

import "slices"

// Role says what this process is.
type Role string

// The roles.
const (
	RoleGateway        Role = "gateway"
	RoleSidecar        Role = "sidecar"
	RoleGatewaySidecar Role = "gateway+sidecar"
)

// RoleNames are all roles.
func RoleNames() []string {
	return []string{string(RoleGateway), string(RoleSidecar), string(RoleGatewaySidecar)}
}

// Side is where a request came in. Each has listeners and routes of its own.
type Side string

// The sides.
const (
	SideGateway  Side = "gateway"  // from a client at the edge
	SideInbound  Side = "inbound"  // from the mesh, for the app beside us
	SideOutbound Side = "outbound" // from the app beside us, for the mesh
)

// Sides are those a role has, nil for an unknown role.
func (r Role) Sides() []Side {
	switch r {
	case RoleGateway:
		return []Side{SideGateway}
	case RoleSidecar:
		return []Side{SideInbound, SideOutbound}
	case RoleGatewaySidecar:
		return []Side{SideGateway, SideInbound, SideOutbound}
	}
	return nil
}

// Has says whether the role has a side.
func (r Role) Has(s Side) bool { return slices.Contains(r.Sides(), s) }

// mesh says whether a side is one of the sidecar's.
func (s Side) mesh() bool { return s == SideInbound || s == SideOutbound }

// edge says whether a side faces clients from outside.
func (s Side) edge() bool { return s == SideGateway }

// LimitsFor are the limits of a side's listeners.
func (c *Config) LimitsFor(s Side) Limits {
	if s.mesh() && c.SidecarLimits != nil {
		return *c.SidecarLimits
	}
	return c.Limits
}

// TimeoutsFor are the timeouts of a side's listeners.
func (c *Config) TimeoutsFor(s Side) Timeouts {
	if s.mesh() && c.SidecarTimeouts != nil {
		return *c.SidecarTimeouts
	}
	return c.Timeouts
}

// RoutesFor are the routes of a side, in the file's order. None are for a
// side the role does not have.
func (c *Config) RoutesFor(s Side) []Route {
	if !c.Role.Has(s) {
		return nil
	}
	var routes []Route
	for _, r := range c.Routes {
		if slices.Contains(r.On, s) {
			routes = append(routes, r)
		}
	}
	return routes
}

// FiltersFor are the filters that run before those of each route of a side.
func (c *Config) FiltersFor(s Side) []Link {
	if s.mesh() {
		return c.Sidecar.Filters
	}
	return c.Gateway.Filters
}
