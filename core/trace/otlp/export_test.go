package otlp

// Message is what was written of a span.
func Message(s *Span) []byte { return s.b }
