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
// decided, so it is no evidence: 502, in each of many calls. A trailer that contains only a status looks like the end of
// the call, but a caller is not blamed for the reset.
func TestLateTrailer(t *testing.T) {
	const calls = 1000
	page := func(httpStatus string) func(*badpeer.Stream) {
		return func(s *badpeer.Stream) { s.Trailers(":status", httpStatus, "content-type", "text/html") }
	}
	reset := func(code uint32) func(*badpeer.Stream) { return func(s *badpeer.Stream) { s.Reset(code) } }
	beginAndReset := func(s *badpeer.Stream) { s.Begin(); s.Reset(0xc) }
	status := func(fields ...string) []string { return append(fields, "grpc-status", "5") }
	for name, c := range map[string]struct {
		end     func(*badpeer.Stream)
		trailer []string
	}{
		"401": {page("401"), status("x", "y")}, "403": {page("403"), status("x", "y")},
		"404": {page("404"), status("x", "y")}, "INTERNAL_ERROR": {reset(0x2), status("x", "y")},
		"INADEQUATE_SECURITY":                               {reset(0xc), status("x", "y")},
		"INADEQUATE_SECURITY after the header":              {beginAndReset, status("x", "y")},
		"INADEQUATE_SECURITY after the header, status only": {beginAndReset, status()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := badpeer.Listen(t, nil, badpeer.HTTP2(func(s *badpeer.Stream) {
				s.Together(func(s *badpeer.Stream) {
					c.end(s)
					s.Trailers(c.trailer...)
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
