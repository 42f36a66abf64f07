package bench

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/bench/report"
	"github.com/weirproxy/weir/cmd/weir/internal/exit"
)

func compareCommand() *cobra.Command {
	var most string
	var o report.Choice
	c := &cobra.Command{
		Use:   "compare BEFORE.json AFTER.json",
		Short: "Compare two results, and fail on a regression",
		Long: `Compare the figures of two results that "weir bench" wrote by --json. A figure has
regressed if its median is worse by more than --max-regression, and if the noise of the rounds
does not explain that it is worse at all: their interval, at 95 % confidence, lies above 1.
Where the interval reaches beyond the limit, the verdict is "unsure": measure more rounds.

No interval knows of a machine that was busier in one of the runs than in the other. The ratios to
the first system of a scenario (--figures ratio) do not suffer from that.

The exit code is 0 if nothing has regressed, 1 if a figure has, 2 if the files cannot be compared.`,
		Example: "  weir bench compare before.json after.json --max-regression 5% --figures cpu_us,allocs\n  weir bench compare before.json after.json --figures ratio",
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, files []string) error {
			share, err := parseShare(most)
			if err != nil {
				return exit.With(2, err)
			}
			var reports [2]*report.Report
			for i, file := range files {
				if reports[i], err = report.Read(file); err != nil {
					return exit.With(2, err)
				}
			}
			cmp, err := report.Compare(reports[0], reports[1], o)
			if err != nil {
				return exit.With(2, fmt.Errorf("comparing %s with %s: %w", files[0], files[1], err))
			}
			if err := cmp.WriteText(c.OutOrStdout(), share); err != nil {
				return err
			}
			if worse := cmp.Regressions(share); len(worse) > 0 {
				return exit.With(1, fmt.Errorf("%d of %d figures are worse by more than %s", len(worse), len(cmp.Changes), most))
			}
			return nil
		},
	}
	c.Flags().StringVar(&most, "max-regression", "5%", "how much worse a figure may be, as a `share` of what it was")
	c.Flags().StringSliceVar(&o.Figures, "figures", nil, "only these `figures`, by their keys in the JSON")
	c.Flags().BoolVar(&o.AnyMachines, "any-machines", false, "compare also what was measured on different machines: fuel, host_calls and allocs do not depend on them")
	return c
}

// parseShare reads "5%".
func parseShare(s string) (float64, error) {
	percent, ok := strings.CutSuffix(s, "%")
	v, err := strconv.ParseFloat(percent, 64)
	if !ok || err != nil || !(v >= 0 && v <= 10_000) {
		return 0, fmt.Errorf("--max-regression: %q is no share; write it as in \"5%%\"", s)
	}
	return v / 100, nil
}
