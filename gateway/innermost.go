package gateway

import (
	"io"
	"net/http"
	"reflect"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
)

// intercept writes what grpc-gateway writes: nothing behind a complete answer, and the documented chunk in place of
// its own when a stream has failed.
func (x *exchange) intercept(to io.Writer, p []byte) (int, error) {
	if x.closed {
		return len(p), nil
	}
	if !x.began {
		x.began = true
		if x.aside != nil || !x.settled {
			// A stream, or what nobody has said of that it is none.
			x.put().declared = x.mostInner().Header().Get("Content-Type")
		}
		x.announce()
	}
	if x.settled && x.status == http.StatusNoContent {
		return len(p), nil
	}
	if x.aside == nil {
		return to.Write(p)
	}
	x.aside.noteRaw(p)
	chunk := x.aside.chunk
	if chunk == nil {
		return to.Write(p)
	}
	x.aside.chunk = nil
	if _, err := to.Write(chunk); err != nil {
		return 0, err
	}
	return len(p), nil
}

// noteRaw notes that raw bytes are written.
func (a *aside) noteRaw(p []byte) {
	a.download = a.download || len(p) > 0 && len(p) == len(a.raw) && &p[0] == &a.raw[0]
}

// announce tells a user's middleware the status that was chosen, as if grpc-gateway had: some count or log it.
func (x *exchange) announce() {
	if inner := x.inner(); inner != nil && x.status != 0 && !x.committed {
		inner.WriteHeader(int(x.status))
	}
}

// innermostWriter is what grpc-gateway writes to when a user's middleware stands between it and the bridge's.
type innermostWriter exchange

func (w *innermostWriter) Header() http.Header {
	if w.closed {
		return w.aside.inner.Header().Clone()
	}
	return w.aside.inner.Header()
}

func (w *innermostWriter) WriteHeader(httpStatus int) {
	if !w.closed {
		w.aside.inner.WriteHeader(httpStatus)
	}
}

func (w *innermostWriter) Write(p []byte) (int, error) {
	return (*exchange)(w).intercept(w.aside.inner, p)
}

// FlushError is for http.ResponseController.
func (w *innermostWriter) FlushError() error {
	return (*exchange)(w).flush(w.aside.inner, true)
}

// Flush is http.Flusher, for code that asserts it.
func (w *innermostWriter) Flush() {
	_ = w.FlushError()
}

// Unwrap gives http.ResponseController what the user's writer can do.
func (w *innermostWriter) Unwrap() http.ResponseWriter {
	return w.aside.inner
}

// mostInner is the writer that grpc-gateway was given.
func (x *exchange) mostInner() http.ResponseWriter {
	if x.inner() != nil {
		return (*innermostWriter)(x)
	}
	return (*exchangeWriter)(x)
}

// innermost is the middleware next to the handler. Without a user's middleware outside it, there is nothing to do.
func (b *bridge) innermost(next runtime.HandlerFunc) runtime.HandlerFunc {
	next = b.limited(next) // where a user's middleware has detached the context
	return func(w http.ResponseWriter, r *http.Request, pathParams map[string]string) {
		switch outer := w.(type) {
		case *innermostWriter:
			next(w, r, pathParams)
			return
		case *exchangeWriter:
			(*exchange)(outer).keepBefore(w.Header())
			next(w, r, pathParams)
			return
		}
		x := exchangeFrom(r.Context())
		if x == nil {
			next(w, r, pathParams)
			return
		}
		a := x.put()
		a.inner = w
		a.encodes = len(w.Header()["Content-Encoding"]) > 0 && len(a.before["Content-Encoding"]) == 0
		x.keepBefore(w.Header())
		next((*innermostWriter)(x), r, pathParams)
		if !x.began {
			x.announce()
		}
	}
}

// stayInnermost keeps that middleware the last of the mux's, where options after the bridge's have added others. It
// is called whenever a handler is wrapped; what it adds counts for the handlers that are registered later. Options
// are done when NewServeMux wraps what they have registered anew, and the bridge has it wrap a handler that nothing
// reaches.
//
// It reports whether there are others. Without them the outermost is the innermost too, and what each call would go
// through once more is left out.
func (b *bridge) stayInnermost() bool {
	n := middlewares(b.mux)
	if n == 1 {
		return false
	}
	if n != b.innermostAt {
		runtime.WithMiddlewares(b.innermost)(b.mux)
		b.innermostAt = n + 1
	}
	return true
}

// middlewares counts the mux's middlewares, by reflection as methods does; -1 where a version of grpc-gateway keeps
// them otherwise. Then the bridge's stays where it is, and TestMiddlewares says so.
func middlewares(mux *runtime.ServeMux) int {
	field := reflect.ValueOf(mux).Elem().FieldByName("middlewares")
	if field.Kind() != reflect.Slice {
		return -1
	}
	return field.Len()
}

// unreachable is the method of the handler that nothing reaches. It is not a token, so no request can have it (RFC 9110
// section 9.1), and the empty pattern of the handler matches no path.
const unreachable = "(statusbridge)"
