package gateway_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

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
)

// TestRetries has a backend refuse the first attempt and a proxy the second.
func TestRetries(t *testing.T) {
	retry := grpc.WithDefaultServiceConfig(`{"methodConfig":[{"name":[{}],"retryPolicy":{"maxAttempts":2,"initialBackoff":"0.001s","maxBackoff":"0.001s","backoffMultiplier":1,"retryableStatusCodes":["UNAVAILABLE"]}}]}`)
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
		{"no status", func(s *badpeer.Stream) { s.Trailers(":status", "200", "content-type", "application/grpc") }, 502, gateway.OriginUpstream},
	} {
		for route, request := range map[string]call{unary: {}, stream: watch} {
			t.Run(c.name+"/"+route, func(t *testing.T) {
				var attempts atomic.Int32
				answer := func(s *badpeer.Stream) {
					if attempts.Add(1) == 1 {
						s.Trailers(":status", "200", "content-type", "application/grpc", "grpc-status", "14", "grpc-message", "busy")
						return
					}
					c.second(s)
				}
				var n notebook
				mux := gateway.New(gateway.WithObserver(n.observe)).NewServeMux()
				dialUpstream(t, listen(t, false, badpeer.HTTP2(answer)), mux, gateway.DialOptions(retry)...)
				r := request.To(t, testkit.Serve(t, mux))
				if o := n.one(t); r.Status != c.status || o.Origin != c.origin || attempts.Load() != 2 || r.ErrorDefect() != nil {
					t.Errorf("%d attempts, %d %q of %s: %v", attempts.Load(), r.Status, r.Body, o.Origin, o.Err)
				}
			})
		}
	}
}

// TestFanOut makes concurrent calls of all shapes with one request's context, and looks for goroutines that stay.
func TestFanOut(t *testing.T) {
	service := &testkit.Service{}
	service.Behave(func(ctx context.Context) error {
		_ = grpc.SetHeader(ctx, metadata.Pairs("a", "b"))
		_ = grpc.SetTrailer(ctx, metadata.Pairs("c", "d"))
		return testkit.ErrNotFound
	})
	service.BehaveStream(testkit.Sends(1, status.Error(codes.Aborted, "changed")))
	good := clientOf(t, upstream{testkit.ServeGRPC(t, service), insecure.NewCredentials()}, gateway.DialOptions()...)
	bad := clientOf(t, listen(t, false, badpeer.HTTP2(refusesAsPage)), gateway.DialOptions()...)
	mux := gateway.New().NewServeMux()
	err := mux.HandlePath(http.MethodGet, "/fan", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		var all sync.WaitGroup
		var failed [4]error
		all.Go(func() {
			var header, trailer metadata.MD
			var from peer.Peer
			finished := 0
			_, failed[0] = good.Get(r.Context(), &testkitv1.GetRequest{Id: 1}, grpc.Header(&header), grpc.Trailer(&trailer), grpc.Peer(&from), grpc.WaitForReady(true), grpc.OnFinish(func(error) { finished++ }))
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
		gateway.New().WriteError(w, r, fmt.Errorf("of several: %w", failed[i]))
	})
	if err != nil {
		t.Fatal(err)
	}
	base := testkit.Serve(t, gateway.New().Handler(mux))
	ask := func() {
		for i, want := range []int{404, 502, 409} {
			if r := (call{Path: "/fan?" + strconv.Itoa(i)}).To(t, base); r.Status != want || strings.Contains(r.Body, marker) {
				t.Errorf("%d: %d %q", i, r.Status, r.Body)
			}
		}
	}
	ask()
	before := runtime.NumGoroutine()
	for range 20 {
		ask()
	}
	if after := runtime.NumGoroutine(); after > before+5 {
		var stacks bytes.Buffer
		t.Errorf("%d goroutines, before %d %s", after, before, stacks.String())
	}
}
