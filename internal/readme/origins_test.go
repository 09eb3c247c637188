package readme

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// internalError is a reason to reset a stream (RFC 9113 section 7).
const internalError = 2

// situation is something that can happen to a call of the gateway.
type situation struct {
	what string
	// backend starts the peer of the gateway and returns its address.
	backend func(t *testing.T) string
	header  http.Header       // of the request
	closed  bool              // the gateway's connection
	own     []grpc.DialOption // given to DialOptions
	inner   []grpc.DialOption // after them
}

func situations() []situation {
	replies := func(behave testkit.Behaviour) func(*testing.T) string {
		return func(t *testing.T) string {
			service := &testkit.Service{}
			service.Behave(behave)
			return testkit.ServeGRPC(t, service)
		}
	}
	announces := func(err error) testkit.Behaviour {
		return func(ctx context.Context) error {
			if e := grpc.SendHeader(ctx, metadata.Pairs("request-id", "7")); e != nil {
				return e
			}
			return err
		}
	}
	// Errors of a service's own client, which the service returns unchanged.
	relayed := status.Error(codes.Unimplemented, "unexpected HTTP status code received from server: 404 (Not Found)")
	unreadable := status.Error(codes.Internal, "grpc: failed to unmarshal the received message: no")
	return []situation{
		{what: "the service returns NotFound", backend: replies(fail(status.Error(codes.NotFound, "no such thing")))},
		{
			what:    "the service returns Unavailable",
			backend: replies(fail(status.Error(codes.Unavailable, "the store is away"))),
		},
		{
			what:    "the service returns Unavailable after header metadata",
			backend: replies(announces(status.Error(codes.Unavailable, "the store is away"))),
		},
		{what: "the service returns a plain Go error", backend: replies(fail(errors.New("pq: no password")))},
		{what: "the service returns Unknown without a text", backend: replies(fail(status.Error(codes.Unknown, "")))},
		{what: "the same, after header metadata", backend: replies(announces(status.Error(codes.Unknown, "")))},
		{
			what:    "the service returns an error of its client, which received a 404 page",
			backend: replies(fail(relayed)),
		},
		{what: "the same, after header metadata", backend: replies(announces(relayed))},
		{
			what:    "after header metadata, the service returns an error of its client: an unreadable message",
			backend: replies(announces(unreadable)),
		},
		{what: "nothing listens at the address", backend: func(t *testing.T) string { return badpeer.Nowhere(t) }},
		{what: "the connection is lost during the call", backend: speaks(func(s *badpeer.Stream) { s.Cut() })},
		{what: "the gateway's own connection is closed", backend: replies(nil), closed: true},
		{what: "a proxy's login page: 401, text/html", backend: page("401")},
		{what: "a proxy's 404 page", backend: page("404")},
		{what: "a proxy's 502 page", backend: page("502")},
		{what: "a proxy's 503 page", backend: page("503")},
		{what: "a proxy's 504 page", backend: page("504")},
		{what: "an HTML page with status 200", backend: page("200")},
		{what: "a server that speaks HTTP/1.1 only", backend: speaksHTTP1},
		{what: "a reply without a grpc-status", backend: speaks(withoutStatus)},
		{
			what:    "a reply whose message is not the proto",
			backend: reply("identity", badpeer.Message(0, []byte("\xff\xff"))),
		},
		{what: "a reply with an unknown compression", backend: reply("lz4", badpeer.Message(1, []byte("ab")))},
		{what: "a reply over the size limit", backend: reply("identity", badpeer.Announce(0, 1<<30))},
		{what: "the call is reset", backend: speaks(func(s *badpeer.Stream) { s.Reset(internalError) })},
		{
			what: "the deadline passes", backend: speaks(func(*badpeer.Stream) {}),
			header: http.Header{"Grpc-Timeout": {"50m"}},
		},
		{
			what: "an interceptor among the own options returns PermissionDenied", backend: replies(nil),
			own: refusing(),
		},
		{what: "an interceptor after `DialOptions` returns PermissionDenied", backend: replies(nil), inner: refusing()},
	}
}

// origins shows the status and the origin of each situation.
func origins(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| what happens | unary, with `DialOptions` | stream, with | unary, without | stream, without |\n")
	b.WriteString("|---|---|---|---|---|\n")
	for _, s := range situations() {
		fmt.Fprintf(&b, "| %s |", s.what)
		for _, dial := range [][]grpc.DialOption{gateway.DialOptions(s.own...), s.own} {
			for _, path := range []string{"/v1/things/1", "/v1/things/1/watch"} {
				fmt.Fprintf(&b, " %s |", s.result(t, dial, path))
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// result returns the status that a client reads, and the origin that an observer reads.
func (s *situation) result(t *testing.T, dial []grpc.DialOption, path string) string {
	t.Helper()
	options := append(slices.Clone(dial), s.inner...)
	options = append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))
	conn, err := grpc.NewClient(s.backend(t), options...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	origin := make(chan gateway.Origin, 1)
	mux := gateway.New(gateway.WithObserver(func(_ context.Context, o gateway.Observation) {
		origin <- o.Origin
	})).NewServeMux()
	if err := testkitv1.RegisterThingServiceHandler(t.Context(), mux, conn); err != nil {
		t.Fatal(err)
	}
	if s.closed {
		_ = conn.Close()
	}
	recorder := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
	for name, values := range s.header {
		request.Header[name] = values
	}
	mux.ServeHTTP(recorder, request)
	return fmt.Sprintf("%d %s", recorder.Code, <-origin)
}

// speaks returns a server of HTTP/2 that replies to every request as reply does.
func speaks(reply func(*badpeer.Stream)) func(*testing.T) string {
	return func(t *testing.T) string { return badpeer.Listen(t, nil, badpeer.HTTP2(reply)) }
}

// speaksHTTP1 starts a web server without HTTP/2.
func speaksHTTP1(t *testing.T) string {
	return badpeer.Listen(t, nil, badpeer.HTTP1("<h1>Welcome</h1>"))
}

// withoutStatus replies without a grpc-status.
func withoutStatus(s *badpeer.Stream) {
	s.Begin()
	s.Trailers("request-id", "7")
}

// page returns a server that replies with HTML, as web servers and proxies do.
func page(httpStatus string) func(*testing.T) string {
	return speaks(func(s *badpeer.Stream) {
		s.Headers(":status", httpStatus, "content-type", "text/html")
		s.LastData([]byte("<h1>Please log in to host 10.0.0.7</h1>"))
	})
}

// reply returns a gRPC server that replies with any message.
func reply(encoding string, message []byte) func(*testing.T) string {
	return speaks(func(s *badpeer.Stream) {
		s.Begin("grpc-encoding", encoding)
		s.Data(message)
		s.Trailers("grpc-status", "0")
	})
}

// refusing returns interceptors that refuse every call.
func refusing() []grpc.DialOption {
	err := status.Error(codes.PermissionDenied, "not on a Sunday")
	return []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(func(
			context.Context, string, any, any, *grpc.ClientConn, grpc.UnaryInvoker, ...grpc.CallOption,
		) error {
			return err
		}),
		grpc.WithChainStreamInterceptor(func(
			context.Context, *grpc.StreamDesc, *grpc.ClientConn, string, grpc.Streamer, ...grpc.CallOption,
		) (grpc.ClientStream, error) {
			return nil, err
		}),
	}
}
