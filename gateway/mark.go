package gateway

import "context"

// marks is what the library has noted in a request's context: on which detour it is sent through the mux, and the
// exchange that it belongs to.
type marks struct {
	exchange *exchange
	detour   *detour // nil behind the exchange that was made on it
}

// markKey is the key of both, so that one search finds them: it goes through all that others have noted.
type markKey struct{}

func marksOf(ctx context.Context) marks {
	switch mark := ctx.Value(markKey{}).(type) {
	case *exchange:
		return marks{exchange: mark}
	case *detour:
		return marks{exchange: exchangeFrom(mark.Context), detour: mark}
	}
	return marks{}
}

func exchangeFrom(ctx context.Context) *exchange {
	return marksOf(ctx).exchange
}

// probes reports whether the request is a probe.
func (m marks) probes() bool {
	return m.detour != nil && !m.detour.head
}

// asGet reports whether a HEAD is being served as a GET.
func (m marks) asGet() bool {
	if m.detour != nil {
		return m.detour.head
	}
	return m.exchange != nil && m.exchange.head
}
