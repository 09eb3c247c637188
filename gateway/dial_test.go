package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	goruntime "runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// refusesAsPage is a proxy that refuses with a page of HTML.
func refusesAsPage(s *badpeer.Stream) {
	s.Headers(":status", "401", "content-type", "text/html")
	s.LastData([]byte(marker))
}

func clientOf(t *testing.T, u upstream, options ...grpc.DialOption) testkitv1.ThingServiceClient {
	t.Helper()
	conn, err := grpc.NewClient(u.address, append(options, grpc.WithTransportCredentials(u.credentials))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return testkitv1.NewThingServiceClient(conn)
}

// TestDialOptionsOfOwnCalls has middleware and a route call a service with DialOptions and send the error of that
// call. A proxy's refusal is not about the caller (docs/origin.md).
func TestDialOptionsOfOwnCalls(t *testing.T) {
	t.Parallel()
	client := clientOf(t, listen(t, false, badpeer.HTTP2(refusesAsPage)), gateway.DialOptions()...)
	ask := func(r *http.Request) error {
		_, err := client.Get(r.Context(), &testkitv1.GetRequest{})
		return err
	}
	var n notebook
	bridge := gateway.New(gateway.WithObserver(n.observe))
	mux := bridge.NewServeMux()
	for path, answer := range map[string]func(http.ResponseWriter, *http.Request, error){
		"/written": bridge.WriteError,
		"/mux": func(w http.ResponseWriter, r *http.Request, err error) {
			runtime.HTTPError(r.Context(), mux, &runtime.JSONPb{}, w, r, err)
		},
	} {
		err := mux.HandlePath(http.MethodGet, path, func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			answer(w, r, ask(r))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	front := bridge.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bridge.WriteError(w, r, ask(r))
	}))
	for name, base := range map[string]string{"/written": testkit.Serve(t, mux), "/mux": testkit.Serve(t, mux),
		"/front": testkit.Serve(t, front)} {
		t.Run(name, func(t *testing.T) {
			n.seen = nil
			r := call{Path: name}.To(t, base)
			r.WantError(t, 502, "", "")
			if o := n.one(t); o.Origin != gateway.OriginUpstream {
				t.Errorf("origin %q", o.Origin)
			}
		})
	}
}

// hidden is an error of a user's own, with a status that is not that of its cause.
type hidden struct{ cause error }

func (h hidden) Error() string { return "no such thing here" }

func (h hidden) Unwrap() error { return h.cause }

func (h hidden) GRPCStatus() *status.Status { return status.New(codes.NotFound, h.Error()) }

// TestDialOptionsAfterTranslatingInterceptor has a user's interceptor replace the error of a call by its own, which
// wraps it.
func TestDialOptionsAfterTranslatingInterceptor(t *testing.T) {
	t.Parallel()
	for name, translate := range map[string]func(error) error{
		"mapping.Errorf": func(err error) error { return mapping.Errorf(404, "no such thing here: %w", err) },
		"own type":       func(err error) error { return hidden{err} },
	} {
		t.Run(name, func(t *testing.T) {
			theirs := []grpc.DialOption{
				grpc.WithChainUnaryInterceptor(func(ctx context.Context, method string, in, out any,
					conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
					return translate(invoke(ctx, method, in, out, conn, options...))
				}),
			}
			var n notebook
			mux := gateway.New(gateway.WithObserver(n.observe)).NewServeMux()
			dialUpstream(t, listen(t, false, badpeer.HTTP2(refusesAsPage)), mux,
				append(theirs, gateway.DialOptions()...)...)
			call{}.To(t, testkit.Serve(t, mux)).WantError(t, 404, "no such thing here", "")
			if o := n.one(t); o.Origin != gateway.OriginGateway {
				t.Errorf("origin %q", o.Origin)
			}
		})
	}
}

// TestDialOptionsOfTranslatedSend has an interceptor replace the error of a message that could not be sent.
func TestDialOptionsOfTranslatedSend(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		dial   []grpc.DialOption
		status int
		origin gateway.Origin
	}{
		"with DialOptions": {gateway.DialOptions(), 500, gateway.OriginGateway},
		// Without evidence, a unary call that no connection took is that of a service in this process.
		"without": {nil, 500, gateway.OriginBackend},
	} {
		t.Run(name, func(t *testing.T) {
			var n notebook
			mux := gateway.New(gateway.WithObserver(n.observe)).NewServeMux()
			dialUpstream(t, listen(t, false, badpeer.HTTP2(succeed)), mux, append([]grpc.DialOption{
				grpc.WithDefaultCallOptions(grpc.MaxCallSendMsgSize(1)),
				grpc.WithChainStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc,
					conn *grpc.ClientConn, method string, open grpc.Streamer,
					options ...grpc.CallOption) (grpc.ClientStream, error) {
					stream, err := open(ctx, desc, conn, method, options...)
					return translatingStream{stream}, err
				}),
			}, c.dial...)...)
			r := call{Method: http.MethodPost, Path: "/v1/uploads", Body: `{"part":"longer than the limit"}`}.To(t,
				testkit.Serve(t, mux))
			r.WantError(t, c.status, "", "")
			if o := n.one(t); o.Origin != c.origin {
				t.Errorf("origin %q of %v", o.Origin, o.Err)
			}
		})
	}
}

// translatingStream reports a message that is too large to send as an error of the gateway.
type translatingStream struct{ grpc.ClientStream }

func (s translatingStream) SendMsg(message any) error {
	if err := s.ClientStream.SendMsg(message); status.Code(err) == codes.ResourceExhausted {
		return unsent{hidden{err}}
	}
	return nil
}

type unsent struct{ hidden }

func (unsent) GRPCStatus() *status.Status { return status.New(codes.Internal, "the part was not sent") }

// TestDialOptionsRetryUntilDeadline lets the deadline pass while grpc-go waits to try again. The response of the
// first attempt does not count.
func TestDialOptionsRetryUntilDeadline(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	service.Behave(testkit.Fails(status.Error(codes.Unavailable, "busy")))
	for route, c := range map[string]call{unary: {Header: http.Header{"Grpc-Timeout": {"300m"}}}} {
		t.Run(route, func(t *testing.T) {
			var n notebook
			mux := gateway.New(gateway.WithObserver(n.observe)).NewServeMux()
			retry := grpc.WithDefaultServiceConfig(`{"methodConfig":[{"name":[{}],"retryPolicy":{"maxAttempts":2,
		"initialBackoff":"60s","maxBackoff":"60s","backoffMultiplier":1,"retryableStatusCodes":["UNAVAILABLE"]}}]}`)
			dialUpstream(t, upstream{testkit.ServeGRPC(t, service), insecure.NewCredentials()}, mux,
				gateway.DialOptions(retry)...)
			c.To(t, testkit.Serve(t, mux)).WantError(t, 504, "", "")
			if o := n.one(t); o.Origin != gateway.OriginUpstream {
				t.Errorf("origin %q of %v", o.Origin, o.Err)
			}
		})
	}
}

// TestDialOptionsOfRetries has a backend refuse the first attempt and a proxy the second.
func TestDialOptionsOfRetries(t *testing.T) {
	t.Parallel()
	retry := grpc.WithDefaultServiceConfig(`{"methodConfig":[{"name":[{}],"retryPolicy":{"maxAttempts":2,
		"initialBackoff":"0.001s","maxBackoff":"0.001s","backoffMultiplier":1,
		"retryableStatusCodes":["UNAVAILABLE"]}}]}`)
	for _, c := range []struct {
		name   string
		second func(*badpeer.Stream)
		status int
		origin gateway.Origin
	}{
		{"HTML 401", refusesAsPage, 502, gateway.OriginUpstream},
		{"a reset", func(s *badpeer.Stream) { s.Reset(2) }, 502, gateway.OriginUpstream},
		{"an answer", func(s *badpeer.Stream) {
			s.Trailers(":status", "200", "content-type", "application/grpc", "grpc-status", "5", "grpc-message", "none")
		}, 404, gateway.OriginBackend},
		{"no status", func(s *badpeer.Stream) { s.Trailers(":status", "200", "content-type", "application/grpc") },
			502, gateway.OriginUpstream},
	} {
		for route, request := range map[string]call{unary: {}, stream: watch} {
			t.Run(c.name+"/"+route, func(t *testing.T) {
				var attempts atomic.Int32
				answer := func(s *badpeer.Stream) {
					if attempts.Add(1) == 1 {
						s.Trailers(":status", "200", "content-type", "application/grpc", "grpc-status", "14",
							"grpc-message", "busy")
						return
					}
					c.second(s)
				}
				var n notebook
				mux := gateway.New(gateway.WithObserver(n.observe)).NewServeMux()
				dialUpstream(t, listen(t, false, badpeer.HTTP2(answer)), mux, gateway.DialOptions(retry)...)
				r := request.To(t, testkit.Serve(t, mux))
				if o := n.one(t); r.Status != c.status || o.Origin != c.origin || attempts.Load() != 2 ||
					r.ErrorDefect() != nil {
					t.Errorf("%d attempts, %d %q of %s: %v", attempts.Load(), r.Status, r.Body, o.Origin, o.Err)
				}
			})
		}
	}
}

// TestDialOptionsKeepErrors reads errors of calls as user code does.
func TestDialOptionsKeepErrors(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	sent := status.Error(codes.NotFound, "no such thing")
	service.Behave(testkit.Fails(sent))
	client := clientOf(t, upstream{testkit.ServeGRPC(t, service), insecure.NewCredentials()}, gateway.DialOptions()...)
	_, err := client.Get(t.Context(), &testkitv1.GetRequest{})
	if !errors.Is(err, sent) || status.Code(err) != codes.NotFound || err.Error() != sent.Error() {
		t.Errorf("%v", err)
	}
	if st, ok := status.FromError(err); !ok || st.Message() != "no such thing" {
		t.Errorf("%v %v", st, ok)
	}
}

// TestDialOptionsOfConcurrentCalls makes concurrent calls of all kinds with one request's context. No goroutine is
// left.
func TestDialOptionsOfConcurrentCalls(t *testing.T) {
	service := &testkit.Service{}
	service.Behave(func(ctx context.Context) error {
		_ = grpc.SetHeader(ctx, metadata.Pairs("a", "b"))
		_ = grpc.SetTrailer(ctx, metadata.Pairs("c", "d"))
		return testkit.ErrNotFound
	})
	service.BehaveStream(testkit.Sends(1, status.Error(codes.Aborted, "changed")))
	good := clientOf(t, upstream{testkit.ServeGRPC(t, service), insecure.NewCredentials()}, gateway.DialOptions()...)
	bad := clientOf(t, listen(t, false, badpeer.HTTP2(refusesAsPage)), gateway.DialOptions()...)
	mux := standard.NewServeMux()
	err := mux.HandlePath(http.MethodGet, "/fan", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		var all sync.WaitGroup
		var failed [4]error
		all.Go(func() {
			var header, trailer metadata.MD
			var from peer.Peer
			finished := 0
			_, failed[0] = good.Get(r.Context(), &testkitv1.GetRequest{Id: 1}, grpc.Header(&header),
				grpc.Trailer(&trailer), grpc.Peer(&from), grpc.WaitForReady(true),
				grpc.OnFinish(func(error) { finished++ }))
			if len(header["a"]) != 1 || len(trailer["c"]) != 1 || from.Addr == nil || finished != 1 {
				t.Errorf("%v %v %v %d", header, trailer, from.Addr, finished)
			}
		})
		all.Go(func() { _, failed[1] = bad.Get(r.Context(), &testkitv1.GetRequest{Id: 1}) })
		all.Go(func() {
			s, err := good.Watch(r.Context(), &testkitv1.WatchRequest{Id: 1})
			for err == nil {
				_, err = s.Recv()
			}
			failed[2] = err
		})
		all.Go(func() {
			s, err := good.Upload(r.Context())
			if err == nil {
				_ = s.Send(&testkitv1.UploadRequest{})
				_, err = s.CloseAndRecv()
			}
			failed[3] = err
		})
		all.Wait()
		i, _ := strconv.Atoi(r.URL.RawQuery)
		standard.WriteError(w, r, fmt.Errorf("of several: %w", failed[i]))
	})
	if err != nil {
		t.Fatal(err)
	}
	base := testkit.Serve(t, standard.Handler(mux))
	ask := func() {
		for i, want := range []int{404, 502, 409} {
			if r := (call{Path: "/fan?" + strconv.Itoa(i)}).To(t, base); r.Status != want ||
				strings.Contains(r.Body, marker) {
				t.Errorf("%d: %d %q", i, r.Status, r.Body)
			}
		}
	}
	ask()
	before := goruntime.NumGoroutine()
	for range 20 {
		ask()
	}
	if after := goruntime.NumGoroutine(); after > before+5 {
		t.Errorf("%d goroutines run, %d before", after, before)
	}
}
