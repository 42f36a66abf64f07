package overload

// Level is how short memory is. Each level includes those before it.
type Level int32

// The levels.
const (
	Calm        Level = iota
	Shrink            // give back what is only kept for later
	NoKeepAlive       // let each response be its connection's last
	Shed              // answer new requests 503
	NoAccept          // leave new connections in the backlog
)

// String is the level's name in logs, and its key in the configuration.
func (l Level) String() string {
	return [...]string{"calm", "shrink", "no_keep_alive", "shed", "no_accept"}[l]
}
