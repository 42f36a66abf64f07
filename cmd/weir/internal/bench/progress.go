package bench

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// progress is a bar on a terminal; elsewhere it is nothing.
type progress struct {
	to   *os.File // nil: nowhere
	part string
	wide int // what stands there now
}

func newProgress(f *os.File) *progress {
	if _, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS); err != nil {
		return &progress{}
	}
	return &progress{to: f}
}

// barWidth is in letters.
const barWidth = 30

// of says which part of the whole the next figures are of.
func (p *progress) of(part string) { p.part = part }

// told shows how far it is.
func (p *progress) told(done, all int, what string) {
	if p.to == nil || all == 0 {
		return
	}
	full := done * barWidth / all
	line := fmt.Sprintf("%s [%s%s] %d/%d %s", p.part, strings.Repeat("#", full), strings.Repeat(".", barWidth-full), done, all, what)
	fmt.Fprintf(p.to, "\r%-*s", p.wide, line)
	p.wide = len(line)
}

// end takes the bar away.
func (p *progress) end() {
	if p.wide > 0 {
		fmt.Fprintf(p.to, "\r%s\r", strings.Repeat(" ", p.wide))
		p.wide = 0
	}
}
