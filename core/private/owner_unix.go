//go:build unix

package private

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// checkOurs fails on what others own or may write.
func checkOurs(path, why string, info fs.FileInfo) error {
	owner := info.Sys().(*syscall.Stat_t).Uid
	switch mode := info.Mode(); {
	case int(owner) != os.Geteuid():
		return fmt.Errorf("%q belongs to user %d, and this process runs as %d: %s (remove it, or name another folder)", path, owner, os.Geteuid(), why)
	case !mode.IsDir() && !mode.IsRegular():
		return fmt.Errorf("%q is neither a file nor a folder (remove it)", path)
	case mode.Perm()&0o022 != 0:
		return fmt.Errorf("%q can be written by others, mode %v: %s (remove it, or name another folder)", path, mode, why)
	}
	return nil
}

// checkAbove fails on a folder above ours in which others could rename what
// lies in it.
func checkAbove(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	owner := info.Sys().(*syscall.Stat_t).Uid
	if owner != 0 && int(owner) != os.Geteuid() {
		return fmt.Errorf("%q, above the folder, belongs to user %d, who could put another in its place (name a folder elsewhere)", path, owner)
	}
	if mode := info.Mode(); mode.Perm()&0o022 != 0 && mode&os.ModeSticky == 0 {
		return fmt.Errorf("%q, above the folder, can be written by others, mode %v, who could put another in its place (name a folder elsewhere)", path, mode)
	}
	return nil
}
