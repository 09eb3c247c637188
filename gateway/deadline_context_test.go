package gateway_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	goruntime "runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestDeadlineContext has the context of a call with a deadline end with the request, and everything derived from it.
func TestDeadlineContext(t *testing.T) {
	t.Parallel()
	type key struct{}
	entered, left := make(chan struct{}), make(chan error, 3)
	service := &testkit.Service{}
	service.Behave(func(ctx context.Context) error {
		derived, cancel := context.WithTimeout(context.WithValue(ctx, key{}, "value"), 9*time.Hour)
		defer cancel()
		context.AfterFunc(derived, func() { left <- ctx.Err() })
		close(entered)
		<-derived.Done()
		left <- derived.Err()
		left <- context.Cause(derived)
		return ctx.Err()
	})
	base := bridged(t, testkit.InProcess, service, gateway.New(gateway.WithDeadline(time.Hour)), withContext)
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/v1/things/1", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	go func() { <-entered; cancel() }()
	if response, err := http.DefaultClient.Do(request); err == nil {
		response.Body.Close()
		t.Error("got a response")
	}
	for range 3 {
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("the context ended with %v", err)
		}
	}
}

// TestDeadlineContextCause reads causes and values through the context of a call with a deadline.
func TestDeadlineContextCause(t *testing.T) {
	t.Parallel()
	type key struct{}
	errStop := errors.New("stop")
	mux := gateway.New(gateway.WithDeadline(time.Minute)).NewServeMux()
	err := mux.HandlePath(http.MethodGet, "/own", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		if r.Context().Value(key{}) != "v" || context.Cause(r.Context()) != nil {
			t.Error("lost")
		}
		<-r.Context().Done()
		if !errors.Is(context.Cause(r.Context()), errStop) {
			t.Errorf("%v", context.Cause(r.Context()))
		}
		_, _ = io.WriteString(w, "done")
	})
	if err != nil {
		t.Fatal(err)
	}
	call{Path: "/own"}.To(t, testkit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeoutCause(context.WithValue(r.Context(), key{}, "v"), 50*time.Millisecond,
			errStop)
		defer cancel()
		mux.ServeHTTP(w, r.WithContext(ctx))
	})))
}

// TestDeadlineContextStartsNoGoroutine counts goroutines in a call with a deadline.
func TestDeadlineContextStartsNoGoroutine(t *testing.T) {
	count := func(mux *runtime.ServeMux) (running int) {
		service := &testkit.Service{}
		service.Behave(func(ctx context.Context) error {
			_, cancel := context.WithCancel(context.WithValue(ctx, t, t))
			defer cancel()
			running = goruntime.NumGoroutine()
			return nil
		})
		testkit.Register(t, testkit.InProcess, service, mux)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/v1/things/1",
			http.NoBody))
		return running
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // the collector runs goroutines too
	bridge := gateway.New(gateway.WithDeadline(time.Hour))
	if without, with := count(runtime.NewServeMux(withContext)), count(bridge.NewServeMux(withContext)); with > without {
		t.Errorf("%d goroutines run in a call with a deadline, %d without", with, without)
	}
}

// TestContextEndedByServer ends the context of a request while its client waits: 503, and the client is not gone.
func TestContextEndedByServer(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	started := make(chan struct{}, 1)
	service.Behave(func(ctx context.Context) error { started <- struct{}{}; <-ctx.Done(); return ctx.Err() })
	errStopping := errors.New("the server is told to stop")
	for name, serve := range map[string]func(*testing.T, http.Handler) (string, func()){
		"the server stops": func(t *testing.T, h http.Handler) (string, func()) {
			ctx, cancel := context.WithCancelCause(context.Background())
			server := httptest.NewUnstartedServer(h)
			server.Config.BaseContext = func(net.Listener) context.Context { return ctx }
			server.Start()
			t.Cleanup(server.Close)
			return server.URL, func() { cancel(errStopping) }
		},
		"middleware": func(t *testing.T, h http.Handler) (string, func()) {
			stop := make(chan struct{})
			return testkit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				ctx, cancel := context.WithCancelCause(r.Context())
				go func() { <-stop; cancel(errStopping) }()
				h.ServeHTTP(w, r.WithContext(ctx))
			})), func() { close(stop) }
		},
	} {
		for _, deadline := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				var n notebook
				options := []gateway.Option{gateway.WithObserver(n.observe)}
				if deadline {
					options = append(options, gateway.WithDeadline(time.Minute))
				}
				base, stop := serve(t, testkit.Register(t, testkit.Network, service,
					gateway.New(options...).NewServeMux()))
				go func() { <-started; stop() }()
				call{}.To(t, base).WantError(t, 503, "", "")
				if o := n.one(t); o.ClientGone {
					t.Errorf("the client has left: %v", o)
				}
			})
		}
	}
}
