package foreign

import "time"

// sleepFunctions have a stream wait. That holds neither a lane nor a goroutine.
var sleepFunctions = []Function{{Name: "weir.async.sleep", Run: sleep}}

// MaxSleep bounds a stream's wait.
const MaxSleep = time.Hour

// sleep: duration i64 (ns), most u32 → call id u32.
func sleep(c Call, dst, b []byte) ([]byte, int64, Status) {
	const cost = 500
	a := args{b: b}
	d, most := time.Duration(a.i64()), a.u32()
	if !a.ok() || len(a.b) > 0 || d < 0 || d > MaxSleep {
		return dst, refusal, BadArgument
	}
	id, s := c.Sleep(d, most)
	return appendU32(dst, id), cost, s
}
