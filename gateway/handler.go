package gateway

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/grpclog"

	"github.com/statusbridge/statusbridge/internal/upstream"
)

// Handler is the outermost layer of a server. Inside it may be anything: muxes with [Bridge] and without, middleware,
// file servers, proxies. Whatever they answer, no success and no error that is not documented leaves:
//
//   - An error, 400 and above, is held back until the handler returns or flushes. One that is documented leaves as it
//     is, those of [Bridge] and [WriteError] byte for byte, uncompressed. Any other leaves as the documented one of its
//     class: under the status that the table of package mapping says (410 as 404, 412 as 409), else as 400 or 500. The
//     one that leaves its class is 429, as 503, so that its Retry-After keeps its meaning. The message is the plain text
//     that was written under a 4xx, and else the page's sentence; HTML and JSON of another shape do not leave. A 401
//     gets a challenge, if it has none.
//   - A success leaves as it is written, unbuffered: 200, 202 and 204. Others leave as 200, but 205, which has no body,
//     as 204. No range is asked for, since the page has no 206, so that http.FileServer answers in full. A handler that
//     sends part of a representation nevertheless is answered for with 500: as a 200 it would look like all there is.
//   - Informational statuses, redirects, 304, upgraded and hijacked connections pass untouched.
//   - HEAD is served as GET where the handler allows GET and not HEAD (RFC 9110 section 9.3.2).
//   - A panic is answered with 500, and aborts the connection when part of an answer has been sent.
//
// [WithStatuses] lets further statuses through. The options count for what Handler answers, and for [WriteError] in
// middleware between it and a bridge; a [Bridge] inside has its own, except that it takes over [WithDeadline] when it has
// none. [WithObserver] is told of the answers that Handler makes itself, with what was written in Err, and not of those
// that a bridge has told of. What net/http refuses before it calls any handler is not seen. Handler panics when h or an
// option is nil.
func newHandler(h http.Handler, b *bridge) http.Handler {
	if h == nil {
		panic("gateway: Handler was given a nil http.Handler")
	}
	if len(b.deadlines) > 0 {
		handsDown.Store(true)
	}
	return &handler{next: h, bridge: b, ranges: b.honours(http.StatusPartialContent)}
}

type handler struct {
	next   http.Handler
	bridge *bridge
	ranges bool // a 206 is allowed
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := &front{handler: h, context: r.Context(), writer: w, outer: r}
	if len(w.Header()) > 0 {
		f.before = w.Header().Clone()
	}
	f.request = *r.WithContext((*frontContext)(f))
	if !h.ranges {
		removeRanges(&f.request)
	}
	if r.Method == http.MethodHead && r.URL != nil {
		address := *r.URL // as it is, for a second try
		f.request.URL = &address
	}
	f.serve()
	if r.MultipartForm == nil {
		r.MultipartForm = f.request.MultipartForm // the server removes its files
	}
}

// removeRanges makes the request one for the whole representation. The header may be shared with others.
func removeRanges(r *http.Request) {
	if r.Header["Range"] == nil && r.Header["If-Range"] == nil {
		return
	}
	r.Header = maps.Clone(r.Header)
	delete(r.Header, "Range")
	delete(r.Header, "If-Range")
}

// front is one request's way through Handler. As an exchange is, it is the request's context and the ResponseWriter.
type front struct {
	*handler
	context context.Context
	writer  http.ResponseWriter // the server's
	outer   *http.Request       // the server's
	request http.Request        // the one that is passed on
	before  http.Header         // as it was, from middleware around

	stage  stage
	status int    // of the error that is held
	body   []byte // as much of it as is held
	cut    bool   // there was more

	aborted bool // the connection ends here, whatever middleware inside makes of the panic that says so

	// said is what a bridge inside has answered last. It may have done so in another goroutine, and what it wrote may
	// have been thrown away: it tells what an answer was that cannot be read, and not that it is the one that came.
	said atomic.Pointer[saying]
}

// saying is what a bridge answered.
type saying struct {
	answer
	asGet bool // after it had served a HEAD as GET
}

// stage is how far an answer has come.
type stage uint8

const (
	undecided stage = iota // nothing but informational statuses has been written
	passing                // it goes to the server as it is written, or the connection is the handler's own
	bodyless               // its header has gone to the server, and a body does not
	held                   // it is an error, kept back until it is whole
	answered               // Handler has answered in its place
)

type frontContext front

type frontKey struct{}

// frontFrom finds the innermost Handler around a request.
func frontFrom(ctx context.Context) *front {
	f, _ := ctx.Value(frontKey{}).(*front)
	return f
}

func (c *frontContext) Deadline() (time.Time, bool) { return c.context.Deadline() }
func (c *frontContext) Done() <-chan struct{}       { return c.context.Done() }
func (c *frontContext) Err() error                  { return c.context.Err() }

func (c *frontContext) Value(key any) any {
	if key == (frontKey{}) {
		return (*front)(c)
	}
	return c.context.Value(key)
}

func (f *front) serve() {
	defer f.end()
	f.next.ServeHTTP(f.face(), &f.request)
	if f.refusedHead() {
		// Part of what answered may still run, with the request that it was given.
		get := f.outer.WithContext((*frontContext)(f))
		get.Method = http.MethodGet
		if !f.ranges {
			removeRanges(get)
		}
		h := f.writer.Header()
		clear(h)
		maps.Copy(h, f.before)
		f.stage, f.body, f.cut = undecided, nil, false
		f.said.Store(nil)
		f.next.ServeHTTP(f.face(), get) // the server leaves out the body of an answer to HEAD
	}
}

// refusedHead reports whether a HEAD was refused by a handler that says that it serves GET.
func (f *front) refusedHead() bool {
	if f.stage != held || !f.refusesHead(f.status, f.writer.Header()) {
		return false
	}
	said := f.said.Load()
	return said == nil || !said.asGet
}

// refusesHead reports whether an answer is such a refusal.
func (f *front) refusesHead(httpStatus int, h http.Header) bool {
	if httpStatus != http.StatusMethodNotAllowed || f.outer.Method != http.MethodHead {
		return false
	}
	var allowed []string
	for _, method := range strings.Split(strings.Join(h["Allow"], ","), ",") {
		allowed = append(allowed, strings.TrimSpace(method))
	}
	return slices.Contains(allowed, http.MethodGet) && !slices.Contains(allowed, http.MethodHead)
}

// end is deferred around the handler. It answers for an error that is held, and for a panic while nothing has been sent.
func (f *front) end() {
	v := recover()
	if v == nil {
		switch {
		case f.stage == held:
			f.answer()
		case f.stage == answered:
			removeUnannounced(f.writer.Header())
		case f.aborted && f.stage != undecided:
			panic(http.ErrAbortHandler) // middleware inside has recovered from it
		}
		return
	}
	if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares as well
		panic(v)
	}
	err := fmt.Errorf("gateway: a handler panicked: %v", v)
	grpclog.Errorf("%v\n%s", err, debug.Stack())
	if f.stage != undecided && f.stage != held {
		panic(http.ErrAbortHandler)
	}
	f.replace(f.bridge.answerTo(err, upstream.OwnCode()), err)
}

// abortBegun ends the connection if a success has begun to leave through the writer: it must not end as one. Through
// another writer, whose bytes may never come, nothing can be said.
func abortBegun(w http.ResponseWriter) {
	if f := frontOf(w); f != nil && (f.stage == passing || f.stage == bodyless) {
		f.abort()
		panic(http.ErrAbortHandler)
	}
}

// abort notes that the connection ends, here and in what is around.
func (f *front) abort() {
	for ; f != nil; f = frontOf(f.writer) {
		f.aborted = true
	}
}

// frontOf is the front that a writer is, nil for any other writer.
func frontOf(w http.ResponseWriter) *front {
	switch w := w.(type) {
	case hijackWriter:
		return (*front)(w.frontWriter)
	case *frontWriter:
		return (*front)(w)
	}
	return nil
}
