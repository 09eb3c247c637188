package readme

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/probe"
	"github.com/statusbridge/statusbridge/internal/probe/probev1"
)

// situation is something that can happen behind a gateway.
type situation struct {
	what string
	// backend starts what stands there and returns its address.
	backend func(t *testing.T) string
	header  http.Header       // of the request
	closed  bool              // the gateway's connection
	outer   []grpc.DialOption // before DialOptions
	inner   []grpc.DialOption // after them
}

func situations() []situation {
	answers := func(behave probe.Behaviour) func(*testing.T) string {
		return func(t *testing.T) string {
			service := &probe.Service{}
			service.Behave(behave)
			return probe.Serve(t, service)
		}
	}
	announces := func(err error) probe.Behaviour {
		return func(ctx context.Context) error {
			if e := grpc.SendHeader(ctx, metadata.Pairs("request-id", "7")); e != nil {
				return e
			}
			return err
		}
	}
	// What a service's own client met, which it passes on as it is.
	relayed := status.Error(codes.Unimplemented, "unexpected HTTP status code received from server: 404 (Not Found)")
	unreadable := status.Error(codes.Internal, "grpc: failed to unmarshal the received message: no")
	return []situation{
		{what: "the service answers NotFound", backend: answers(fail(status.Error(codes.NotFound, "no such thing")))},
		{what: "it answers Unavailable", backend: answers(fail(status.Error(codes.Unavailable, "the store is away")))},
		{what: "it answers Unavailable after header metadata", backend: answers(announces(status.Error(codes.Unavailable, "the store is away")))},
		{what: "it returns a plain Go error", backend: answers(fail(errors.New("pq: no password")))},
		{what: "it answers Unknown without a text", backend: answers(fail(status.Error(codes.Unknown, "")))},
		{what: "it passes on what its own client met: a 404 page", backend: answers(fail(relayed))},
		{what: "the same, after header metadata", backend: answers(announces(relayed))},
		{what: "it passes on, after header metadata, that its own client could not read a message", backend: answers(announces(unreadable))},
		{what: "nothing listens", backend: nobody},
		{what: "the connection is lost during the call", backend: stops},
		{what: "the gateway's own connection is closed", backend: answers(nil), closed: true},
		{what: "a proxy's login page: 401, text/html", backend: serves(page(401))},
		{what: "a proxy's 404 page", backend: serves(page(404))},
		{what: "a proxy's 502 page", backend: serves(page(502))},
		{what: "a proxy's 503 page", backend: serves(page(503))},
		{what: "a proxy's 504 page", backend: serves(page(504))},
		{what: "a web page with status 200", backend: serves(page(200))},
		{what: "a server that speaks HTTP/1.1 only", backend: func(t *testing.T) string { return listening(t, httptest.NewServer(page(200))) }},
		{what: "a reply without a grpc-status", backend: serves(reply("", ""))},
		{what: "a reply whose message is not the proto", backend: serves(reply("\x00\x00\x00\x00\x02\xff\xff", "0"))},
		{what: "a reply compressed in an unknown way", backend: serves(reply("\x01\x00\x00\x00\x02ab", "0"))},
		{what: "a message over the size limit", backend: answers(nil), inner: []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1))}},
		{what: "the call is reset", backend: serves(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))},
		{what: "the deadline passes", backend: answers(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }), header: http.Header{"Grpc-Timeout": {"50m"}}},
		{what: "an interceptor of the gateway, before `DialOptions`, answers PermissionDenied", backend: answers(nil), outer: refusing()},
		{what: "the same, after them", backend: answers(nil), inner: refusing()},
	}
}

// origins is what each situation is answered with, and whom it is blamed on.
func origins(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| what happens | with `DialOptions` | a stream, with | without | a stream, without |\n|---|---|---|---|---|\n")
	for _, s := range situations() {
		fmt.Fprintf(&b, "| %s |", s.what)
		for _, dial := range [][]grpc.DialOption{gateway.DialOptions(), nil} {
			for _, path := range []string{"/v1/things/1", "/v1/things/1/watch"} {
				fmt.Fprintf(&b, " %s |", s.answer(t, dial, path))
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// answer is the status that a client reads, and the origin that an observer does.
func (s *situation) answer(t *testing.T, dial []grpc.DialOption, path string) string {
	t.Helper()
	options := append(append([]grpc.DialOption{}, s.outer...), dial...)
	options = append(append(options, s.inner...), grpc.WithTransportCredentials(insecure.NewCredentials()))
	conn, err := grpc.NewClient(s.backend(t), options...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	origin := make(chan gateway.Origin, 1)
	mux := runtime.NewServeMux(gateway.Bridge(gateway.WithObserver(func(_ context.Context, o gateway.Observation) {
		origin <- o.Origin
	})))
	if err := probev1.RegisterProbeServiceHandler(t.Context(), mux, conn); err != nil {
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

// nobody is an address where nothing listens.
func nobody(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// stops is a server that ends during a call.
func stops(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	service := &probe.Service{}
	service.Behave(func(ctx context.Context) error {
		go server.Stop()
		<-ctx.Done()
		return ctx.Err()
	})
	probev1.RegisterProbeServiceServer(server, service)
	go func() { _ = server.Serve(listener) }()
	return listener.Addr().String()
}

// serves is a server of HTTP/2 without TLS, as gRPC speaks it.
func serves(handler http.Handler) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		server := httptest.NewUnstartedServer(handler)
		server.Config.Protocols = new(http.Protocols)
		server.Config.Protocols.SetUnencryptedHTTP2(true)
		server.Start()
		return listening(t, server)
	}
}

func listening(t *testing.T, server *httptest.Server) string {
	t.Helper()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// page is what a web server or a proxy answers.
func page(httpStatus int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(httpStatus)
		_, _ = w.Write([]byte("<h1>Please log in to host 10.0.0.7</h1>"))
	})
}

// reply is what a gRPC server answers, with a frame and a status of any kind.
func reply(frame, grpcStatus string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/grpc")
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write([]byte(frame))
		if grpcStatus != "" {
			w.Header().Set(http.TrailerPrefix+"Grpc-Status", grpcStatus)
		}
	})
}

// refusing are interceptors that let no call pass.
func refusing() []grpc.DialOption {
	err := status.Error(codes.PermissionDenied, "not on a Sunday")
	return []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(func(context.Context, string, any, any, *grpc.ClientConn, grpc.UnaryInvoker, ...grpc.CallOption) error {
			return err
		}),
		grpc.WithChainStreamInterceptor(func(context.Context, *grpc.StreamDesc, *grpc.ClientConn, string, grpc.Streamer, ...grpc.CallOption) (grpc.ClientStream, error) {
			return nil, err
		}),
	}
}
