package main

import (
	"strconv"

	"github.com/weirproxy/weir/sdk"
)

// key is where the number is kept, in decimal digits.
const key = "example/responses"

// attempts bounds how often a change is tried while others change it too.
const attempts = 100

// begin makes the number, if it is not there. A set cannot say "unless there is
// one", so this is done while only one instance is configured: hosts try a
// configuration in one before they use it in more.
func begin() error {
	_, _, err := sdk.SharedGet(key)
	if err == sdk.ErrNotFound {
		err = sdk.SharedSet(key, "0", 0)
	}
	return err
}

// load is the number, and the mark by which it can be changed.
func load() (n uint64, cas uint32, err error) {
	v, cas, err := sdk.SharedGet(key)
	if err != nil {
		return 0, 0, err
	}
	n, err = strconv.ParseUint(sdk.View(v), 10, 64)
	return n, cas, err
}

// increment adds one. Another instance may do so between our reading and
// writing; the mark tells, and we begin anew.
func increment() (uint64, error) {
	err := sdk.ErrCASMismatch
	for try := 0; try < attempts && err == sdk.ErrCASMismatch; try++ {
		n, cas, lost := load()
		if lost != nil {
			return 0, lost
		}
		if err = sdk.SharedSet(key, strconv.FormatUint(n+1, 10), cas); err == nil {
			return n + 1, nil
		}
	}
	return 0, err
}
