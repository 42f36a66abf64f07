package enroll

var (
	Due  = due
	Wait = wait
)
