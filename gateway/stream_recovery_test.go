package gateway_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// withRecovery is middleware that takes every panic for a mistake, http.ErrAbortHandler too, as much of it does.
var withRecovery = runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		defer func() {
			if v := recover(); v != nil {
				http.Error(w, "internal error", http.StatusInternalServerError)
			}
		}()
		next(w, r, params)
	}
})

// TestStreamAbortRecovered aborts a download through middleware that recovers: it must not end as if it were complete,
// and nothing may come behind its data.
func TestStreamAbortRecovered(t *testing.T) {
	for _, protocol := range testkit.Protocols {
		for _, c := range []struct {
			call   call
			bridge *gateway.Bridge
			data   string
		}{
			{export, gateway.New(), "PK\n"},
			{watch, gateway.New(gateway.WithStreamAbort()), `{"result":{"sequence":1}}` + "\n"},
		} {
			service := &testkit.Service{}
			service.BehaveStream(testkit.Sends(1, testkit.ErrNotFound))
			s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service, c.bridge.NewServeMux(withRecovery)))
			response, body := c.call.Follow(t.Context(), t, s)
			if _, err := body.ReadString('\n'); response.StatusCode != http.StatusOK || err != nil {
				t.Fatalf("answered %d, then %v", response.StatusCode, err)
			}
			if rest, err := body.ReadString(0); rest != "" || err == nil || err.Error() == "EOF" {
				t.Errorf("%s %s: behind the data came %q, and it ends in %v", protocol, c.call.Path, rest, err)
			}
		}
	}
}

// TestStreamChallenge has a service send its own challenge, where services send such: with the header, and with the
// status in the trailers. A stream is challenged as a unary call is; but grpc-gateway does not pass the trailers of a
// stream on, so that without DialOptions a client reads the configured challenge.
func TestStreamChallenge(t *testing.T) {
	challenge := metadata.Pairs("www-authenticate", `Basic realm="things"`)
	streams := map[string]bool{"server stream": true, "download": true, "both ways": true}
	for name, behave := range map[string]testkit.Behaviour{
		"header":  testkit.Sets(challenge, nil, status.Error(codes.Unauthenticated, "who?")),
		"trailer": testkit.Sets(nil, challenge, status.Error(codes.Unauthenticated, "who?")),
	} {
		service := &testkit.Service{}
		service.Behave(behave)
		address := testkit.ServeGRPC(t, service)
		for _, dial := range [][]grpc.DialOption{nil, gateway.DialOptions()} {
			base := testkit.Serve(t, testkit.Connect(t, address, gateway.New().NewServeMux(), dial...))
			for _, route := range routes {
				if route.transport == testkit.InProcess {
					continue
				}
				r := route.call.To(t, base)
				r.WantError(t, 401, "who?", "")
				want := challenge["www-authenticate"]
				if name == "trailer" && streams[route.name] && dial == nil {
					want = []string{"Bearer"}
				}
				if got := r.Header["Www-Authenticate"]; !slices.Equal(got, want) {
					t.Errorf("%s, %s, %d dial options: the challenge is %q", name, route.name, len(dial), got)
				}
			}
		}
	}
}

// TestSuccessLog is an access log inside of the bridge, which is told of a chosen success as the client is.
func TestSuccessLog(t *testing.T) {
	for _, httpStatus := range []int{202, 204} {
		for _, transport := range testkit.Transports {
			t.Run(fmt.Sprint(httpStatus, " ", transport), func(t *testing.T) {
				var log *testkit.LogWriter
				service := &testkit.Service{}
				service.Behave(chooses(httpStatus))
				base := bridged(t, transport, service, gateway.New(), runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
					return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
						log = &testkit.LogWriter{ResponseWriter: w}
						next(log, r, params)
					}
				}))
				if r := (call{}).To(t, base); r.Status != httpStatus || log.Status != httpStatus {
					t.Errorf("answered %d, and the log says %d", r.Status, log.Status)
				}
			})
		}
	}
}
