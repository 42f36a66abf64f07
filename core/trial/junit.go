package trial

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// The elements of JUnit's XML that CI systems read.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
		seconds  float64
	}
	junitCase struct {
		Name    string      `xml:"name,attr"`
		Class   string      `xml:"classname,attr"`
		File    string      `xml:"file,attr,omitempty"`
		Line    int         `xml:"line,attr,omitempty"`
		Time    string      `xml:"time,attr"`
		Failure *junitCause `xml:"failure"`
		Error   *junitCause `xml:"error"`
	}
	junitCause struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",cdata"`
	}
)

// JUnit writes results as JUnit's XML, a suite a file. unusable is why files
// could not be used, if there are such.
func JUnit(w io.Writer, results []Result, unusable error) error {
	var all junitSuites
	for i := range results {
		r := &results[i]
		if n := len(all.Suites); n == 0 || all.Suites[n-1].Name != r.Suite.Path {
			all.Suites = append(all.Suites, junitSuite{Name: r.Suite.Path})
		}
		s := &all.Suites[len(all.Suites)-1]
		c := junitCase{Name: r.Case.Name, Class: r.Suite.Path, File: r.Suite.Path, Line: r.Case.Line, Time: seconds(r.Took.Seconds())}
		if !r.Passed() {
			s.Failures++
			c.Failure = &junitCause{r.Mismatches[0].String(), r.Difference()}
		}
		s.Tests++
		s.seconds += r.Took.Seconds()
		s.Time = seconds(s.seconds)
		s.Cases = append(s.Cases, c)
	}
	if unusable != nil {
		text := unusable.Error()
		first, _, _ := strings.Cut(text, "\n")
		all.Suites = append(all.Suites, junitSuite{Name: "weir test", Tests: 1, Errors: 1, Time: seconds(0), Cases: []junitCase{
			{Name: "files that cannot be used", Class: "weir test", Time: seconds(0), Error: &junitCause{first, text}},
		}})
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(&all); err != nil {
		return fmt.Errorf("writing JUnit XML: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func seconds(s float64) string { return fmt.Sprintf("%.3f", s) }
