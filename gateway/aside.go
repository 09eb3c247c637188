package gateway

import "net/http"

// aside is what an exchange has behind a user's middleware, around headers of others, and of a stream.
type aside struct {
	inner    http.ResponseWriter // that of the user's middleware inside the bridge's
	encodes  bool                // it says that it encodes what it passes on
	before   http.Header         // see headersBefore
	escaped  string              // see path
	raw      []byte              // the bytes of a google.api.HttpBody that may be written as they are
	download bool                // they were
	declared string              // the Content-Type with which the body began
	chunk    []byte              // what the next write sends in place of what it is given
}

// newExchange makes one, with the rest beside it in the same allocation where that is sure to be needed.
func newExchange(whole bool) *exchange {
	if !whole {
		return &exchange{}
	}
	both := &struct {
		exchange
		aside
	}{}
	both.exchange.aside = &both.aside
	return &both.exchange
}

// put is where to note what lies aside.
func (x *exchange) put() *aside {
	if x.aside == nil {
		x.aside = &aside{}
	}
	return x.aside
}

// inner is the writer of the user's middleware inside the bridge's, nil without one.
func (x *exchange) inner() http.ResponseWriter {
	if x.aside == nil {
		return nil
	}
	return x.aside.inner
}

// keepBefore keeps the headers that are there before the handler.
func (x *exchange) keepBefore(h http.Header) {
	if before := headersBefore(h, successHeaders[:]); before != nil || x.aside != nil {
		x.put().before = before
	}
}

// before are the headers that were there.
func (x *exchange) before() http.Header {
	if x.aside == nil {
		return nil
	}
	return x.aside.before
}

// path is what the request was routed by.
func (x *exchange) path() path {
	if x.aside == nil {
		return path{decoded: x.decoded}
	}
	return path{decoded: x.decoded, raw: x.aside.escaped}
}
