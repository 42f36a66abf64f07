package config

import "time"

// Duration is a time with its unit in the file: "250ms", "2s", "1h30m";
// "off" reads as -1 where a key allows it.
type Duration time.Duration

// Size is a number of bytes with its unit in the file: "64KiB", "1MiB",
// "240B"; powers of 1024 (KiB, MiB, GiB) or of 1000 (kB, MB, GB).
type Size int64
