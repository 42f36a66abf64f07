package grpc

// AppendMessage writes text as the value of a field grpc-message: bytes that
// are not printable ASCII, and "%", become "%" and two digits.
func AppendMessage[T string | []byte](dst []byte, text T) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(text) {
		c := text[i]
		if c >= ' ' && c <= '~' && c != '%' {
			dst = append(dst, c)
			continue
		}
		dst = append(dst, '%', hex[c>>4], hex[c&15])
	}
	return dst
}
