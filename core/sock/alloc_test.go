//go:build !race

package sock_test

import (
	"testing"
	"time"
)

func TestExchangesDoNotAllocate(t *testing.T) {
	c, peer := pair(t, reaper(t))
	go echo(peer, 4)
	out, in := []byte("ping"), make([]byte, 4)
	do := func() {
		c.ArmRead(time.Minute)
		c.ArmWrite(time.Minute)
		if _, _, err := c.Exchange(out, in); err != nil {
			t.Fatal(err)
		}
		if err := c.WriteVec(out[:1], out[1:3], out[3:]); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(in); err != nil {
			t.Fatal(err)
		}
	}
	do()
	if got := testing.AllocsPerRun(100, do); got != 0 {
		t.Errorf("an exchange allocates %v times", got)
	}
}
