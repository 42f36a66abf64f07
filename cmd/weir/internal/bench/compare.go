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
	var figures []string
	c := &cobra.Command{
		Use:   "compare BEFORE.json AFTER.json",
		Short: "Compare two results, and fail on a regression",
		Long: `Compare the figures of two results that "weir bench" wrote by --json. A figure has
regressed if its median and its best round are both worse by more than --max-regression.
The spread is that of the rounds that are furthest apart. The exit code is 1 if a figure has
regressed, 2 if the files cannot be compared.`,
		Example: "  weir bench compare before.json after.json --max-regression 5% --figures cpu_us,allocs",
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
			cmp, err := report.Compare(reports[0], reports[1], figures)
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
	c.Flags().StringSliceVar(&figures, "figures", nil, "only these `figures`, by their keys in the JSON")
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
