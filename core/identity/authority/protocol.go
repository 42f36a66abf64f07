package authority

// The paths of the authority's door.
const (
	SVIDPath   = "/v1/svid"   // POST a Request, get an Answer
	BundlePath = "/v1/bundle" // GET an Answer without a chain
)

// Bounds of what is sent, in bytes.
const (
	mostRequest = 16 << 10
	MostAnswer  = 256 << 10
)

// Request is what a member asks by. Who it is says its token, or the SVID that it
// shows in the handshake.
type Request struct {
	CSR   string `json:"csr"`             // PEM, PKCS #10
	Token string `json:"token,omitempty"` // for a first identity
}

// Answer is an identity, all PEM. The key has not left the member.
type Answer struct {
	Chain  string `json:"chain,omitempty"`
	Bundle string `json:"bundle"`
}

// Refusal is the body of all other statuses.
type Refusal struct {
	Error string `json:"error"`
}
