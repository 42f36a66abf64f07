package server

import (
	"bufio"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// giveBackImages lets go of the pages of our executable, and of the filters' machine
// code, that starting has read (the built-in filters' module alone is megabytes).
// What is needed again comes back from the page cache, a few microseconds for each
// 64 KiB. Only mappings of files are taken that nobody can write to and nobody ever
// did: a loader writes to some before it closes them (RELRO), and such pages, which
// proc_pid_smaps(5) counts as anonymous, would come back as they were before.
func giveBackImages() {
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer func() { _ = f.Close() }()
	var at []string // address perms offset dev inode path
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := strings.Fields(lines.Text())
		switch {
		case len(line) == 0:
		case !strings.HasSuffix(line[0], ":"):
			at = line
		case line[0] == "Anonymous:" && line[1] == "0" && len(at) >= 6 && at[5][0] == '/' && at[1][1] != 'w':
			giveBack(at[0])
		}
	}
}

// giveBack lets go of the pages between two addresses, as in "7f00-7fff".
func giveBack(addresses string) {
	from, to, _ := strings.Cut(addresses, "-")
	start, err1 := strconv.ParseUint(from, 16, 64)
	end, err2 := strconv.ParseUint(to, 16, 64)
	if err1 == nil && err2 == nil && end > start {
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, uintptr(start), uintptr(end-start), unix.MADV_DONTNEED)
	}
}
