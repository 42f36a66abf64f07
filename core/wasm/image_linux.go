package wasm

import (
	"os"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// remote are file systems whose files can go away while they are mapped, by another
// machine's doing or with the connection: code that runs there would be killed.
// They are those of statfs(2).
var remote = []int64{
	unix.NFS_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.V9FS_MAGIC,
	unix.FUSE_SUPER_MAGIC, unix.CEPH_SUPER_MAGIC, unix.AFS_SUPER_MAGIC, unix.CODA_SUPER_MAGIC, unix.NCP_SUPER_MAGIC,
}

// mapOver maps a file, which holds the same, over wazero's code. It is false, and has
// changed nothing, where the file's place does not allow that it is mapped and run.
// After an error the code is not to be used.
func mapOver(code []byte, f *os.File) (bool, error) {
	var fs unix.Statfs_t
	if unix.Fstatfs(int(f.Fd()), &fs) != nil || slices.Contains(remote, int64(fs.Type)) {
		return false, nil
	}
	start := unsafe.Pointer(unsafe.SliceData(code))
	if len(code) == 0 || uintptr(start)%uintptr(os.Getpagesize()) != 0 {
		return false, nil
	}
	const prot = unix.PROT_READ | unix.PROT_EXEC
	image, err := unix.Mmap(int(f.Fd()), 0, len(code), prot, unix.MAP_PRIVATE)
	if err != nil {
		return false, nil // a file system without programs, a policy against them
	}
	if err := unix.Munmap(image); err != nil {
		return false, err
	}
	_, err = unix.MmapPtr(int(f.Fd()), 0, start, uintptr(len(code)), prot, unix.MAP_PRIVATE|unix.MAP_FIXED)
	return err == nil, err
}
