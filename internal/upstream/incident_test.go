package upstream_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
	"github.com/statusbridge/statusbridge/internal/upstream"
)

// incident is a way for a call to fail, with the diagnoses that it must get.
type incident struct {
	name   string
	server func(t *testing.T, leave func()) (address string) // leave cancels the call
	dial   func(leave func()) []grpc.DialOption              // nil: the user has no options
	header http.Header                                       // of the request
	post   string                                            // the body of a request without a stream; empty: a GET
	want   diagnoses
}

// diagnoses are the HTTP status and the origin of an error, and the message for the client if there is one. A gateway
// is blind if its connection does not have the DialOptions.
type diagnoses struct{ unary, stream, blindUnary, blindStream string }

// always is the diagnosis of an incident that is recognised in each situation.
func always(d string) diagnoses { return diagnoses{d, d, d, d} }

// evident is the diagnosis of an incident that is recognised only by the evidence of DialOptions.
func evident(sighted, blind string) diagnoses { return diagnoses{sighted, sighted, blind, blind} }

// play lets each incident happen to unary calls and to streams, with and without DialOptions. A real grpc-gateway makes
// the calls over TCP.
func play(t *testing.T, incidents []incident) {
	t.Helper()
	for _, i := range incidents {
		t.Run(i.name, func(t *testing.T) {
			for _, c := range []struct{ name, path, want string }{
				{"unary", "/v1/things/1", i.want.unary},
				{"stream", "/v1/things/1/watch", i.want.stream},
				{"blind unary", "/v1/things/1", i.want.blindUnary},
				{"blind stream", "/v1/things/1/watch", i.want.blindStream},
			} {
				if i.post != "" && strings.HasSuffix(c.name, "stream") {
					continue
				}
				t.Run(c.name, func(t *testing.T) {
					sighted := !strings.HasPrefix(c.name, "blind")
					if got := i.call(t, c.path, sighted); got.text != c.want {
						t.Errorf("%q of %v, want %q", got.text, got.err, c.want)
					}
				})
			}
		})
	}
}

// call makes one call of the incident and returns its diagnosis.
func (i incident) call(t *testing.T, path string, sighted bool) diagnosis {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	var dial []grpc.DialOption
	if i.dial != nil {
		dial = i.dial(leave)
	}
	if sighted {
		dial = upstream.DialOptions(dial...)
	}
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, path, http.NoBody)
	if i.post != "" {
		request = httptest.NewRequestWithContext(ctx, http.MethodPost, "/v1/things", strings.NewReader(i.post))
	}
	maps.Copy(request.Header, i.header)
	var seen diagnosis
	mux := testkit.Connect(t, i.server(t, leave), seen.newMux(), dial...)
	mux.ServeHTTP(httptest.NewRecorder(), request)
	return seen
}

// diagnosis is an error that grpc-gateway passed to its error handler, and the text of the diagnosis. It is empty after
// a success.
type diagnosis struct {
	text string
	err  error
}

// newMux returns a mux whose error handlers diagnose each error.
func (d *diagnosis) newMux() *runtime.ServeMux {
	return runtime.NewServeMux(
		runtime.WithErrorHandler(func(ctx context.Context, _ *runtime.ServeMux, _ runtime.Marshaler,
			_ http.ResponseWriter, _ *http.Request, err error) {
			md, _ := runtime.ServerMetadataFromContext(ctx)
			*d = diagnose(err, upstream.Unary(ctx, md))
		}),
		runtime.WithStreamErrorHandler(func(ctx context.Context, err error) *status.Status {
			md, _ := runtime.ServerMetadataFromContext(ctx)
			*d = diagnose(err, upstream.Stream(ctx, md))
			return status.Convert(err)
		}),
	)
}

// diagnose returns the diagnosis of an error, with the status of the status table if Diagnose sets none.
func diagnose(err error, source upstream.Source) diagnosis {
	r := contract.Read(err)
	d := upstream.Diagnose(err, &r, source, upstream.EnvoyLocalReply)
	if d.HTTPStatus == 0 {
		d.HTTPStatus = r.HTTPStatus()
	}
	text := fmt.Sprint(d.HTTPStatus, " ", d.Origin)
	if d.Message != "" {
		text += ": " + d.Message
	}
	return diagnosis{text, err}
}

// service starts a gRPC server. A stream behaves like a unary method, and sends one message after a success.
func service(behave testkit.Behaviour, options ...grpc.ServerOption) func(*testing.T, func()) string {
	return func(t *testing.T, _ func()) string {
		s := &testkit.Service{}
		s.Behave(behave)
		return testkit.ServeGRPC(t, s, options...)
	}
}

// returns starts a service that returns an error.
func returns(err error) func(*testing.T, func()) string { return service(testkit.Fails(err)) }

// peer starts a server that plays a script for each request. The script may violate HTTP/2 or gRPC.
func peer(script func(*badpeer.Stream)) func(*testing.T, func()) string {
	return speaks(badpeer.HTTP2(script))
}

func speaks(p badpeer.Peer) func(*testing.T, func()) string {
	return func(t *testing.T, _ func()) string { return badpeer.Listen(t, nil, p) }
}

// page starts an HTTP/2 server that does not speak gRPC. It responds with an HTML page.
func page(httpStatus string) func(*testing.T, func()) string {
	return peer(func(s *badpeer.Stream) { s.Trailers(":status", httpStatus, "content-type", "text/html") })
}
