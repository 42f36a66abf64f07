package test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"

	"github.com/weirproxy/weir/cmd/weir/internal/exit"
	"github.com/weirproxy/weir/core/trial"
	"github.com/weirproxy/weir/core/trial/rig"
)

// session is a run of the command, or several when files are watched.
type session struct {
	ctx     context.Context
	out     io.Writer
	options *options
	pattern *regexp.Regexp
	runner  trial.Runner
	results []trial.Result // of the last run
}

// once runs all cases once.
func (s *session) once(args []string) error {
	s.results = nil
	suites, unusable := load(args)
	var err error
	if unusable == nil {
		err = s.each(suites)
	}
	if s.options.junit != "" {
		if err := s.writeJUnit(unusable); err != nil {
			return err
		}
	}
	switch {
	case unusable != nil:
		return exit.With(2, unusable)
	case err != nil:
		return err
	case len(s.results) == 0:
		return exit.With(2, fmt.Errorf("no case has a name that matches %q", s.options.run))
	}
	failed := 0
	for i := range s.results {
		if !s.results[i].Passed() {
			failed++
		}
	}
	fmt.Fprintln(s.out, trial.Summary(len(s.results)-failed, failed))
	if failed > 0 {
		return exit.With(1, nil)
	}
	return nil
}

// errInterrupted is the end by a signal.
var errInterrupted = errors.New("interrupted")

// each runs the cases that the pattern names.
func (s *session) each(suites []*trial.Suite) error {
	for _, suite := range suites {
		for _, c := range suite.Cases {
			if !s.pattern.MatchString(c.Name) {
				continue
			}
			r := s.runner.Run(s.ctx, suite, c)
			if s.ctx.Err() != nil {
				return errInterrupted
			}
			r.Report(s.out)
			s.results = append(s.results, r)
			if !s.options.bench || !r.Passed() {
				continue
			}
			b, err := s.runner.Bench(s.ctx, suite, c, s.options.streams)
			if err != nil {
				return fmt.Errorf("measuring %q: %w", c.Name, err)
			}
			b.Report(s.out)
		}
	}
	return nil
}

func (s *session) writeJUnit(unusable error) error {
	f, err := os.Create(s.options.junit)
	if err != nil {
		return fmt.Errorf("--junit: %w", err)
	}
	return errors.Join(trial.JUnit(f, s.results, unusable), f.Close())
}

// load reads the files that arguments stand for.
func load(args []string) (suites []*trial.Suite, err error) {
	var problems []error
	for _, arg := range args {
		t, err := trial.Resolve(arg)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		for _, path := range t.Files {
			suite, err := trial.Load(path, t.Module)
			if err != nil {
				problems = append(problems, err)
				continue
			}
			suites = append(suites, suite)
		}
	}
	return suites, errors.Join(problems...)
}

// line shows a line of a filter's log.
func (s *session) line(l rig.Line) {
	fmt.Fprintf(s.out, "      %-8s %s: %s\n", trial.LevelName(l.Level), l.Filter, l.Message)
}

// call shows a call of a filter's.
func (s *session) call(c *rig.Call) { fmt.Fprintf(s.out, "      call     %s\n", c) }
