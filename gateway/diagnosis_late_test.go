package gateway_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
)

// TestLateTrailer ends a call and sends a trailer after it, in one TCP segment. The trailer comes after the call was
// decided, so it is no evidence: 502, in each of many calls.
func TestLateTrailer(t *testing.T) {
	const calls = 1000
	page := func(httpStatus string) func(*badpeer.Stream) {
		return func(s *badpeer.Stream) { s.Trailers(":status", httpStatus, "content-type", "text/html") }
	}
	reset := func(code uint32) func(*badpeer.Stream) { return func(s *badpeer.Stream) { s.Reset(code) } }
	for name, end := range map[string]func(*badpeer.Stream){
		"401": page("401"), "403": page("403"), "404": page("404"),
		"INTERNAL_ERROR": reset(0x2), "INADEQUATE_SECURITY": reset(0xc),
		"INADEQUATE_SECURITY after the header": func(s *badpeer.Stream) { s.Begin(); s.Reset(0xc) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := badpeer.Listen(t, nil, badpeer.HTTP2(func(s *badpeer.Stream) {
				s.Together(func(s *badpeer.Stream) {
					end(s)
					s.Trailers("x", "y", "grpc-status", "5")
				})
			}))
			for sight, dial := range map[string][]grpc.DialOption{"with DialOptions": gateway.DialOptions(), "without": nil} {
				sent, origins := map[int]int{}, map[gateway.Origin]int{}
				observe := func(_ context.Context, o gateway.Observation) { origins[o.Origin]++ }
				mux := gateway.New(gateway.WithObserver(observe)).NewServeMux()
				dialUpstream(t, upstream{address, insecure.NewCredentials()}, mux, dial...)
				for _, path := range []string{"/v1/things/1", watch.Path} {
					for range calls {
						recorder := httptest.NewRecorder()
						mux.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
						sent[recorder.Code]++
					}
				}
				if sent[502] != 2*calls || origins[gateway.OriginUpstream] != 2*calls {
					t.Errorf("%s: sent %v, observed %v", sight, sent, origins)
				}
			}
		})
	}
}
