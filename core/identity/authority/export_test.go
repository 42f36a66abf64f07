package authority

var (
	KeyOf   = keyOf
	IsToken = isToken
)
