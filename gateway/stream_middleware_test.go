package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

var (
	withGzip = runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
			zipped := &testkit.GzipWriter{ResponseWriter: w}
			defer zipped.Close()
			next(zipped, r, params)
		}
	})
	withBuffer = runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
			buffered := testkit.NewBufferWriter(w)
			defer buffered.Close()
			next(buffered, r, params)
		}
	})
)

// TestStreamMiddleware has middleware change what is written, between the bridge and grpc-gateway or around both. A
// client that undoes the change reads the documented answer: a success, an error before the first message, and one
// after it.
func TestStreamMiddleware(t *testing.T) {
	for name, middleware := range map[string]runtime.ServeMuxOption{"gzip": withGzip, "a buffer": withBuffer} {
		for _, protocol := range testkit.Protocols {
			for before := range 3 {
				for _, err := range []error{nil, status.Error(codes.Aborted, "changed")} {
					t.Run(fmt.Sprint(name, " ", protocol, " ", before, " ", err != nil), func(t *testing.T) {
						service := &testkit.Service{}
						service.BehaveStream(testkit.Sends(before, err))
						s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service, gateway.New().NewServeMux(middleware)))
						// The client asks for gzip by itself, and undoes it.
						response, reader := watch.Follow(t.Context(), t, s)
						body, failure := io.ReadAll(reader)
						if failure != nil {
							t.Fatalf("the answer cannot be read: %v after %q", failure, body)
						}
						if before == 0 && err != nil {
							if want := `{"code":409,"message":"changed"}`; response.StatusCode != http.StatusConflict || string(body) != want {
								t.Errorf("answered %d %q, want %s", response.StatusCode, body, want)
							}
							return
						}
						got := strings.SplitAfter(string(body), "\n")
						want := before + 1
						if err != nil {
							want++
						}
						if response.StatusCode != http.StatusOK || len(got) != want || got[len(got)-1] != "" {
							t.Fatalf("answered %d %q", response.StatusCode, got)
						}
						for i := range before {
							testkit.WantMessage(t, got[i], i+1)
						}
						if err != nil {
							testkit.WantChunk(t, got[before], testkit.ErrorBody{Code: 409, Message: "changed"})
						}
					})
				}
			}
		}
	}
}

// TestStreamLog is an access log inside of the bridge. It is told of the status that the client gets, for an error of a
// stream as for any other.
func TestStreamLog(t *testing.T) {
	for _, route := range routes {
		var log *testkit.LogWriter
		service := &testkit.Service{}
		service.Behave(testkit.Fails(testkit.ErrNotFound))
		mux := testkit.Register(t, route.transport, service, gateway.New().NewServeMux(runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
				log = &testkit.LogWriter{ResponseWriter: w}
				next(log, r, params)
			}
		})))
		server := testkit.Serve(t, mux)
		if r := route.call.To(t, server); r.Status != log.Status {
			t.Errorf("%s: answered %d, and the log says %d", route.name, r.Status, log.Status)
		}
	}
}
