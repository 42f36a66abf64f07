package bench

import (
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// progress is a bar on a terminal; elsewhere it is nothing.
type progress struct {
	to   *os.File // nil: nowhere
	part string
	wide int // of what stands there now, in letters
}

func newProgress(f *os.File) *progress {
	if _, ok := terminal(f); !ok {
		return &progress{}
	}
	return &progress{to: f}
}

// terminal is how many columns a terminal has, 0 for one that does not tell.
func terminal(f *os.File) (columns int, ok bool) {
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0, false
	}
	return int(size.Col), true
}

// barWidth is in letters, where there is room.
const barWidth = 30

// of says which part of the whole the next figures are of.
func (p *progress) of(part string) { p.part = part }

// told shows how far it is.
func (p *progress) told(done, all int, what string) {
	if p.to == nil || all == 0 {
		return
	}
	before, behind := p.part+" ", fmt.Sprintf("%d/%d %s", done, all, what)
	wide := barWidth
	columns, _ := terminal(p.to) // each time: windows change
	if columns > 1 {
		wide = min(wide, columns-1-len("[] ")-utf8.RuneCountInString(before+behind))
	}
	if wide > 0 {
		full := done * wide / all
		before += "[" + strings.Repeat("#", full) + strings.Repeat(".", wide-full) + "] "
	}
	line := []rune(before + behind)
	if columns > 1 { // what is longer would break, and stay
		line = line[:min(len(line), columns-1)]
		p.wide = min(p.wide, columns-1)
	}
	fmt.Fprintf(p.to, "\r%-*s", p.wide, string(line))
	p.wide = len(line)
}

// end takes the bar away.
func (p *progress) end() {
	if p.wide > 0 {
		fmt.Fprintf(p.to, "\r%s\r", strings.Repeat(" ", p.wide))
		p.wide = 0
	}
}
