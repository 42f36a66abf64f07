package bench

import (
	"github.com/spf13/cobra"
)

func filterCommand() *cobra.Command { return &cobra.Command{Use: "filter", Hidden: true} }
func runCommand() *cobra.Command    { return &cobra.Command{Use: "run", Hidden: true} }
