package gateway_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// marker is in every text that an upstream sends. No client may read it.
const marker = "secret upstream page"

// incident is one way for a call to fail between gateway and service, with the documented response (docs/origin.md).
// It is played in cleartext and over TLS, for a unary call and for a stream. The gateway has DialOptions, or none, or
// it is grpc-gateway without this library.
type incident struct {
	name string

	// The upstream: answer is the script of an HTTP/2 peer, start starts any other.
	answer func(*badpeer.Stream)
	start  func(t *testing.T, secure bool) upstream
	dial   []grpc.DialOption
	meddle func(*grpc.ClientConn) // done before the calls
	header http.Header            // of the request

	only   string // the one route or channel that this is about; empty: all
	plain  bool   // TLS changes nothing, so it is not played over TLS
	unary  call   // the unary call; the zero call reads a thing
	stream *call  // the stream's call; nil: watch
	late   bool   // a stream has sent a message before it fails
	first  int    // the number in that message

	status  int    // with DialOptions; a 200 is not observed
	message string // empty: the documented sentence; anyMessage: not compared
	origin  gateway.Origin
	text    string // in the error that is observed

	blind   *blind
	without int // before the first message of a stream, or instead of a unary reply
}

// blind is the response without DialOptions if the cause cannot be told, on one route or on both, and why.
type blind struct {
	only    string
	status  int
	message string // empty: the documented sentence
	origin  gateway.Origin
	why     string
}

const anyMessage = "*"

// The channels and routes of an incident.
const (
	cleartext = "cleartext"
	overTLS   = "TLS"
	unary     = "unary"
	stream    = "stream"
)

// upstream is what a gateway dials.
type upstream struct {
	address     string
	credentials credentials.TransportCredentials
}

// listen starts a peer in cleartext or with a valid certificate.
func listen(t *testing.T, secure bool, peer badpeer.Peer) upstream {
	t.Helper()
	if !secure {
		return upstream{badpeer.Listen(t, nil, peer), insecure.NewCredentials()}
	}
	authority, server := trusted(t)
	return upstream{badpeer.Listen(t, server, peer), authority.Credentials()}
}

var shared struct {
	once      sync.Once
	authority *badpeer.Authority
	server    *tls.Config
}

// trusted is the authority that clients know, and a server that it vouches for.
func trusted(t *testing.T) (*badpeer.Authority, *tls.Config) {
	t.Helper()
	shared.once.Do(func() {
		shared.authority = badpeer.NewAuthority(t)
		shared.server = shared.authority.Server(t)
	})
	return shared.authority, shared.server
}

// sights are the options of a connection with and without evidence.
func sights() map[string][]grpc.DialOption {
	return map[string][]grpc.DialOption{"with DialOptions": gateway.DialOptions(), "without": nil}
}

// dialUpstream connects a mux to an upstream.
func dialUpstream(t *testing.T, u upstream, mux *runtime.ServeMux, options ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	options = append([]grpc.DialOption{
		grpc.WithTransportCredentials(u.credentials),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{BaseDelay: 5 * time.Millisecond, Multiplier: 1,
				MaxDelay: 5 * time.Millisecond},
			MinConnectTimeout: testkit.Patience,
		}),
	}, options...)
	conn, err := grpc.NewClient(u.address, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := testkitv1.RegisterThingServiceHandler(context.WithoutCancel(t.Context()), mux, conn); err != nil {
		t.Fatal(err)
	}
	return conn
}

// runIncidents plays incidents in cleartext and over TLS.
func runIncidents(t *testing.T, incidents []incident) {
	t.Helper()
	for _, i := range incidents {
		for _, channel := range []string{cleartext, overTLS} {
			if i.isAbout(channel, cleartext, overTLS) && (channel == cleartext || !i.plain) {
				t.Run(i.name+"/"+channel, func(t *testing.T) {
					if i.header != nil {
						t.Parallel() // it waits for a deadline
					}
					i.play(t, channel == overTLS)
				})
			}
		}
	}
}

// isAbout reports whether the incident is played on one of some alternatives.
func (i incident) isAbout(one string, alternatives ...string) bool {
	return i.only == one || !slices.Contains(alternatives, i.only)
}

// attempt is one call of an incident: how the gateway is set up, the route, and the result.
type attempt struct {
	setup, route string
	base         string
	seen         *notebook
	response     testkit.Response
	err          error
}

// The setups of an incident.
const (
	withDialOptions    = "with DialOptions"
	withoutDialOptions = "without"
	withoutLibrary     = "grpc-gateway without this library"
)

// play makes all calls of the incident at once, since many of them wait.
func (i incident) play(t *testing.T, secure bool) {
	t.Helper()
	start := i.start
	if start == nil {
		start = func(t *testing.T, secure bool) upstream { return listen(t, secure, badpeer.HTTP2(i.answer)) }
	}
	u := start(t, secure)
	var attempts []*attempt
	for _, setup := range []string{withDialOptions, withoutDialOptions, withoutLibrary} {
		for _, route := range []string{unary, stream} {
			if i.isAbout(route, unary, stream) {
				attempts = append(attempts, i.attempt(t, u, setup, route))
			}
		}
	}
	var calling sync.WaitGroup
	for _, a := range attempts {
		calling.Go(func() { a.response, a.err = i.callOn(a.route).Send(testkit.Client, a.base) })
	}
	calling.Wait()
	for _, a := range attempts {
		t.Run(a.setup+"/"+a.route, func(t *testing.T) {
			switch {
			case a.err != nil:
				t.Error(a.err)
			case a.setup == withoutLibrary:
				i.wantWithout(t, a.route, a.response)
			default:
				i.want(t, a.route, a.setup == withDialOptions, u, a.response, a.seen)
			}
		})
	}
}

// attempt sets up a gateway for one call.
func (i incident) attempt(t *testing.T, u upstream, setup, route string) *attempt {
	t.Helper()
	a := &attempt{setup: setup, route: route, seen: &notebook{}}
	mux := runtime.NewServeMux()
	if setup != withoutLibrary {
		mux = gateway.New(gateway.WithObserver(a.seen.observe)).NewServeMux()
	}
	dial := slices.Clone(i.dial)
	if setup == withDialOptions {
		dial = append(gateway.DialOptions(), dial...)
	}
	conn := dialUpstream(t, u, mux, dial...)
	if i.meddle != nil {
		i.meddle(conn)
	}
	a.base = testkit.Serve(t, mux)
	return a
}

func (i incident) callOn(route string) call {
	c := i.unary
	if route == stream {
		c = watch
		if i.stream != nil {
			c = *i.stream
		}
	}
	c.Header = i.header
	return c
}

// want compares a response and its observation with the incident.
func (i incident) want(t *testing.T, route string, sighted bool, u upstream, r testkit.Response, n *notebook) {
	t.Helper()
	if b := i.blind; b != nil && !sighted && (b.only == "" || b.only == route) {
		i.status, i.message, i.origin = b.status, b.message, b.origin
	}
	httpStatus := i.status
	if httpStatus == http.StatusOK {
		if r.Status != http.StatusOK || len(n.seen) > 0 || strings.Contains(r.Body, `"error"`) {
			t.Errorf("responded with %d %q, observed %v; nothing went wrong", r.Status, r.Body, n.seen)
		}
		return
	}
	switch {
	case route == stream && i.late:
		i.wantLastChunk(t, httpStatus, r)
	case i.message == anyMessage:
		if err := r.ErrorDefect(); r.Status != httpStatus || err != nil {
			t.Errorf("responded with %d %q, want %d: %v", r.Status, r.Body, httpStatus, err)
		}
	default:
		r.WantError(t, httpStatus, i.message, "")
	}
	if httpStatus >= 500 {
		if err := disclosure(r, u); err != nil {
			t.Errorf("%v in %v %q", err, r.Header, r.Body)
		}
	}
	o := n.one(t)
	if o.HTTPStatus != httpStatus || !strings.Contains(fmt.Sprint(o.Err), i.text) {
		t.Errorf("observed %d %v, want %d and %q", o.HTTPStatus, o.Err, httpStatus, i.text)
	}
	if o.Origin != i.origin {
		t.Errorf("observed the origin %v, want %v: %v", o.Origin, i.origin, o.Err)
	}
	if o.ClientGone {
		t.Error("observed that the client has gone")
	}
}

// wantLastChunk wants a message and then the error.
func (i incident) wantLastChunk(t *testing.T, httpStatus int, r testkit.Response) {
	t.Helper()
	got := testkit.Lines(t, r.Body)
	if r.Status != http.StatusOK || len(got) != 2 {
		t.Errorf("responded with %d %q, want a message and an error", r.Status, r.Body)
		return
	}
	testkit.WantMessage(t, got[0], i.first)
	message := i.message
	if message == "" {
		message = testkit.Meanings[httpStatus]
	}
	testkit.WantChunk(t, got[1], testkit.ErrorBody{Code: httpStatus, Message: message})
}

func (i incident) wantWithout(t *testing.T, route string, r testkit.Response) {
	t.Helper()
	httpStatus := i.without
	if route == stream && i.late {
		httpStatus = http.StatusOK
	}
	if r.Status != httpStatus {
		t.Errorf("grpc-gateway sends %d %q, recorded is %d", r.Status, r.Body, httpStatus)
	}
}

// disclosure finds what a client may not learn of an upstream.
func disclosure(r testkit.Response, u upstream) error {
	whole := fmt.Sprint(r.Header, r.Trailer, r.Body)
	for _, text := range []string{marker, u.address, "127.0.0.1", "rpc error", "desc =", "transport", "RST_STREAM",
		"grpc:"} {
		if strings.Contains(whole, text) {
			return errors.New(text + " left")
		}
	}
	return nil
}

// stages expand what ends a call into the moments at which it can: before the header, after it, and after a message.
func stages(i incident) []incident {
	end := i.answer
	after := i
	after.name += " after the header"
	after.answer = func(s *badpeer.Stream) {
		s.Begin()
		end(s)
	}
	late := i
	late.name += " after a message"
	late.late = true
	late.answer = func(s *badpeer.Stream) {
		s.Begin()
		s.Data(anyReply)
		end(s)
	}
	i.name += " before the header"
	return []incident{i, after, late}
}

// anyReply is a message without fields, which every method of the service may send.
var anyReply = badpeer.Message(0, nil)

// concat joins tables.
func concat(tables ...[]incident) []incident {
	return slices.Concat(tables...)
}
