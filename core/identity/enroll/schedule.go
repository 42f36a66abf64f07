package enroll

import (
	"crypto/x509"
	"time"
)

// due is when a certificate shall be renewed: after two thirds of its life, or up to
// a twentieth of it earlier, by chance (0 to 1), so that members that began together
// do not all come at once.
func due(c *x509.Certificate, chance float64) time.Time {
	life := c.NotAfter.Sub(c.NotBefore)
	return c.NotBefore.Add(life*2/3 - time.Duration(chance*float64(life)/20))
}

// The time between tries, at first and at most.
const (
	firstWait = 250 * time.Millisecond
	mostWait  = time.Minute
)

// wait is the time before the next try after so many that failed. A life that is
// short has room for several tries.
func wait(failed int, life time.Duration, chance float64) time.Duration {
	most := mostWait
	if life > 0 {
		most = min(max(life/12, firstWait), mostWait)
	}
	w := min(firstWait<<min(failed-1, 10), most)
	return w/2 + time.Duration(chance*float64(w)/2)
}
