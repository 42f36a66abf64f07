package enroll

import "context"

var (
	Due  = due
	Wait = wait
)

// Renew asks once, whether it is due or not.
func (m *Member) Renew(ctx context.Context) error { return m.renew(ctx) }
