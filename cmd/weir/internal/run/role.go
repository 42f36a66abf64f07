package run

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/core/config"
)

// RoleFlag is --role.
func RoleFlag(c *cobra.Command, of *config.Role) {
	c.Flags().Var((*role)(of), "role", "gateway, sidecar or gateway+sidecar, instead of the file's and WEIR_ROLE")
}

// role is the value of --role. One that there is not is wrong use, and nothing is read;
// an empty one leaves the choice to what stands below.
type role config.Role

func (r *role) String() string { return string(*r) }

func (r *role) Type() string { return "string" }

func (r *role) Set(name string) error {
	if name != "" && config.Role(name).Sides() == nil {
		return errors.New(strings.TrimPrefix(config.DidYouMean(name, config.RoleNames()), "; "))
	}
	*r = role(name)
	return nil
}
