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
// 64 KiB. Nothing of it was ever written to: only such mappings of files are taken.
func giveBackImages() {
	f, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		// address perms offset dev inode path (proc_pid_maps(5))
		at := strings.Fields(lines.Text())
		if len(at) < 6 || at[5][0] != '/' || at[1][1] == 'w' {
			continue
		}
		from, to, _ := strings.Cut(at[0], "-")
		start, err1 := strconv.ParseUint(from, 16, 64)
		end, err2 := strconv.ParseUint(to, 16, 64)
		if err1 == nil && err2 == nil && end > start {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, uintptr(start), uintptr(end-start), unix.MADV_DONTNEED)
		}
	}
}
