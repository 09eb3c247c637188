package gateway_test

import (
	"context"
	"io"
	"log"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/grpclog"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestMain silences grpc-gateway, which logs the failures of the muxes without this library. If the variable is set,
// the process is a backend that TestDiagnosisOfKilledBackend kills.
func TestMain(m *testing.M) {
	if address := os.Getenv(backendVariable); address != "" {
		log.Fatal(beBackend(address))
	}
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, &grpcErrors))
	m.Run()
}

// grpcErrors keeps the last error that grpc-gateway or grpc-go has logged.
var grpcErrors lastError

// lastError is the output of a log that keeps the last line.
type lastError struct{ text atomic.Pointer[string] }

func (l *lastError) Write(p []byte) (int, error) {
	text := string(p)
	l.text.Store(&text)
	return len(p), nil
}

// reset returns the last error and forgets it.
func (l *lastError) reset() string {
	if text := l.text.Swap(nil); text != nil {
		return *text
	}
	return ""
}

// standard is a bridge without options, shared by muxes, handlers and tests.
var standard = gateway.New()

// call is one request of a client. The zero call reads a thing.
type call = testkit.Call

// The calls that open a stream.
var (
	watch  = call{Path: "/v1/things/1/watch"}
	export = call{Path: "/v1/things/1/export"}
	chat   = call{Method: "POST", Path: "/v1/chat", Body: `{"line":"a"}`}
)

// bridged serves the test service with a mux of the bridge and the user's own options. The test fails if net/http logs
// an error.
func bridged(t *testing.T, transport testkit.Transport, service *testkit.Service, bridge *gateway.Bridge,
	own ...runtime.ServeMuxOption,
) string {
	t.Helper()
	return testkit.Serve(t, testkit.Register(t, transport, service, bridge.NewServeMux(own...)))
}

// bare serves the test service with grpc-gateway without this library, and ignores the log of net/http.
func bare(t *testing.T, transport testkit.Transport, service *testkit.Service, own ...runtime.ServeMuxOption) string {
	t.Helper()
	return testkit.ServeQuietly(t, testkit.Register(t, transport, service, runtime.NewServeMux(own...)))
}

// startAlone serves the test service with the two handlers registered by hand, without a bridge.
func startAlone(t *testing.T, transport testkit.Transport, service *testkit.Service) string {
	t.Helper()
	return testkit.Start(t, transport, service, runtime.NewServeMux(
		runtime.WithErrorHandler(gateway.ErrorHandler),
		runtime.WithRoutingErrorHandler(gateway.RoutingErrorHandler)))
}

// chooses is a service that sets the statuses of its success, one after the other.
func chooses(httpStatuses ...int) testkit.Behaviour {
	return func(ctx context.Context) error {
		for _, httpStatus := range httpStatuses {
			if err := mapping.SetHTTPStatus(ctx, httpStatus); err != nil {
				return err
			}
		}
		return nil
	}
}

// says is a route beside the generated ones that writes a body.
func says(body string) runtime.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
		_, _ = w.Write([]byte(body))
	}
}

// handlePath registers a GET route beside the generated ones.
func handlePath(t testing.TB, mux *runtime.ServeMux, path string, handle runtime.HandlerFunc) {
	t.Helper()
	if err := mux.HandlePath(http.MethodGet, path, handle); err != nil {
		t.Fatal(err)
	}
}

// within makes a user's middleware of a function.
func within(f func(w http.ResponseWriter, r *http.Request,
	next func(http.ResponseWriter, *http.Request))) runtime.ServeMuxOption {
	return runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
			f(w, r, func(w http.ResponseWriter, r *http.Request) { next(w, r, params) })
		}
	})
}

// logged wraps the writer in that of an access log.
var logged = within(func(w http.ResponseWriter, r *http.Request, next func(http.ResponseWriter, *http.Request)) {
	next(&testkit.LogWriter{ResponseWriter: w}, r)
})

// identity forwards every key under its own name.
func identity(key string) (string, bool) { return key, true }

// brokenOption is a forward response option that panics half-way.
func brokenOption(_ context.Context, w http.ResponseWriter, _ proto.Message) error {
	w.Header().Set("ETag", `"7"`)
	panic("tenant 7")
}

// notebook is an observer that remembers.
type notebook struct {
	mu   sync.Mutex
	seen []gateway.Observation
}

func (n *notebook) observe(_ context.Context, o gateway.Observation) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen = append(n.seen, o)
}

// count waits until the notebook has as many observations as wanted, and returns their number. A client may read a long
// response before the observer is called.
func (n *notebook) count(wanted int) int {
	for range 1000 {
		n.mu.Lock()
		seen := len(n.seen)
		n.mu.Unlock()
		if seen >= wanted {
			return seen
		}
		time.Sleep(time.Millisecond)
	}
	return len(n.seen)
}

func (n *notebook) one(t *testing.T) gateway.Observation {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.seen) != 1 {
		t.Fatalf("observed %d times: %v", len(n.seen), n.seen)
	}
	return n.seen[0]
}
