// Package newfilter is "weir new": it writes a filter that builds, with its test
// and a configuration to try it by.
package newfilter

import (
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/cmd/weir/internal/exit"
	"github.com/weirproxy/weir/cmd/weir/internal/run"
)

// Command is the command.
func Command() *cobra.Command {
	var lang, sdk string
	c := &cobra.Command{
		Use:   "new --lang LANGUAGE NAME",
		Short: "Write a new filter, with its test",
		Long: `Write a folder NAME with a filter that builds: its source, its test for "weir
test", a README with the language's usual commands, and a proxy.toml that runs
it before the service of "weir demo". It sets a header on responses and says so
in the log, the same in all languages: ` + strings.Join(names(), ", ") + `.

NAME may be a path; what it ends with is the filter's name. The folder must not
be there, or be empty.`,
		Example: "  weir new --lang go house\n  weir new --lang rust filters/house",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			f, err := plan(args[0], lang, sdk)
			if err != nil {
				return exit.With(2, err)
			}
			if err := f.write(args[0]); err != nil {
				return err
			}
			return f.next(c.OutOrStdout(), args[0])
		},
	}
	c.Flags().StringVar(&lang, "lang", "", "the `language`: "+strings.Join(names(), ", "))
	c.Flags().StringVar(&sdk, "sdk", "", "for Go, a `folder` with Weir's source, to build against instead of a release (default, for a weir that is not of one: the source it lies in)")
	return c
}

// filter is one to be written; it is what templates are given.
type filter struct {
	Name     string
	Language language
	Module   string // its path, from the folder
	Go       string // the version of Go
	SDK      sdk
}

// sdk is where Go finds the package that filters are written with.
type sdk struct{ Version, Replace string }

// plan checks what is asked for.
func plan(path, lang, source string) (*filter, error) {
	name := filepath.Base(filepath.Clean(path))
	if wrong := nameWrong(name); wrong != "" {
		return nil, fmt.Errorf("naming the filter: %q %s", name, wrong)
	}
	i := slices.IndexFunc(languages, func(l language) bool { return l.Name == lang })
	switch {
	case lang == "":
		return nil, fmt.Errorf("--lang is missing: it is one of %s", strings.Join(names(), ", "))
	case i < 0:
		return nil, fmt.Errorf("--lang %q is unknown: it is one of %s", lang, strings.Join(names(), ", "))
	case source != "" && lang != "go":
		return nil, fmt.Errorf("--sdk is given, but a filter in %s is not built with it; leave it out", languages[i].Title)
	case slices.Contains(languages[i].Reserved, name):
		return nil, fmt.Errorf("naming the filter: %q means something else to the tools of %s; choose another", name, languages[i].Title)
	}
	l := languages[i].named(name)
	f := &filter{Name: name, Language: l, Module: l.Module, Go: goVersion()}
	var err error
	f.SDK, err = findSDK(source)
	return f, err
}

// findSDK is where the SDK is: in the folder that is named; else it is the one
// of our release; else, for we are not of one, the source that we lie in.
// Otherwise Go looks for the newest.
func findSDK(source string) (sdk, error) {
	const local = "v0.0.0" // of what is replaced
	if source != "" {
		folder, err := sourceFolder(source)
		return sdk{local, quoted(folder)}, err
	}
	if v := run.Version(); strings.HasPrefix(v, "v") {
		return sdk{Version: v}, nil
	}
	if folder, ok := sourceAround(); ok {
		return sdk{local, quoted(folder)}, nil
	}
	return sdk{}, nil
}

// quoted is a path as a go.mod has it.
func quoted(path string) string {
	if strings.ContainsAny(path, " \"'`()[]{},") {
		return strconv.Quote(path)
	}
	return path
}

// oldestGo is what the SDK needs.
const oldestGo = "1.26"

// goVersion is that of the Go that has built us, in the form of a go.mod.
func goVersion() string {
	v := regexp.MustCompile(`^go(\d+\.\d+(\.\d+)?)( |$)`).FindStringSubmatch(runtime.Version())
	if v == nil {
		return oldestGo // a development version, or a candidate
	}
	return v[1]
}

// mostName is how long a name may be, in bytes.
const mostName = 64

// nameWrong is what keeps a name from being one of a filter, a folder and a
// package in all languages, "" for nothing.
func nameWrong(s string) string {
	const letters, others = "abcdefghijklmnopqrstuvwxyz", "0123456789-"
	switch {
	case len(s) > mostName:
		return fmt.Sprintf("has %d bytes, at most %d are taken", len(s), mostName)
	case s == "" || !strings.Contains(letters, s[:1]) || strings.Trim(s, letters+others) != "" || strings.HasSuffix(s, "-"):
		return "is not made of a-z, 0-9 and -, beginning with a letter and not ending with -"
	}
	return ""
}

// next says what to do with what was written.
func (f *filter) next(w io.Writer, path string) error {
	_, err := fmt.Fprintf(w, "%s: a filter in %s. Next:\n  cd %s\n  %s\n  weir test .\n  weir demo -c proxy.toml\n",
		path, f.Language.Title, path, strings.Join(f.Language.Build, "\n  "))
	return err
}
