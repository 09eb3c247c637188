package gateway_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestTrailers asks for trailers on a success. Framing is not allowed in trailers (RFC 9110 section 6.5.1).
func TestTrailers(t *testing.T) {
	t.Parallel()
	trailer := metadata.Pairs("checksum", "7", "trace-bin", "\x00\r\n", "content-type", "text/html",
		"content-length", "3", "transfer-encoding", "gzip", "grpc-anything", "x", "statusbridge-http-status", "202",
		// A service in process may name them as it likes; a field's name is a token (RFC 9110 section 5.1).
		"az09!#$%&'*+-.^_|~", "t", "a b", "x", "a@", "x", "a[", "x", "a/", "x", "a:", "x", "a{", "x", "é", "x")
	for _, protocol := range testkit.Protocols {
		for _, httpStatus := range []int{200, 202, 204} {
			t.Run(fmt.Sprint(protocol, " ", httpStatus), func(t *testing.T) {
				service := &testkit.Service{}
				service.Behave(testkit.Sets(metadata.Pairs("statusbridge-http-status", fmt.Sprint(httpStatus)),
					trailer, nil))
				mux := testkit.Register(t, testkit.InProcess, service,
					standard.NewServeMux(runtime.WithOutgoingTrailerMatcher(identity)))
				s := testkit.ServeOver(t, protocol, mux)
				r := call{Header: http.Header{"Te": {"trailers"}}}.At(t, s)
				want := http.Header{"Checksum": {"7"}, "Az09!#$%&'*+-.^_|~": {"t"}}
				if httpStatus == 204 {
					want = http.Header{}
				}
				for name := range r.Trailer {
					if strings.ContainsAny(name, " @[/:{é") {
						t.Errorf("the trailer %q was announced", name)
					}
				}
				// A trailer that was announced and did not come is nil.
				maps.DeleteFunc(r.Trailer, func(_ string, values []string) bool { return values == nil })
				if got := r.Trailer; r.Status != httpStatus || fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("responded with %d with trailers %v, want %v", r.Status, got, want)
				}
			})
		}
	}
}

// TestErrorTrailersOnce names the same trailer several times, and trailers that have a header already. Each is sent
// once.
func TestErrorTrailersOnce(t *testing.T) {
	t.Parallel()
	bridge := gateway.New(gateway.WithErrorTrailers("X-Request-Id", "x-request-id", "Retry-After", "www-authenticate"),
		gateway.WithErrorTrailers("x-request-id"))
	trailer := metadata.Pairs("x-request-id", "7", "retry-after", "5", "www-authenticate", "Basic")
	for _, transport := range testkit.Transports {
		service := &testkit.Service{}
		service.Behave(testkit.Sets(nil, trailer, status.Error(codes.Unauthenticated, "expired")))
		r := call{}.To(t, bridged(t, transport, service, bridge))
		wanted := map[string]string{"X-Request-Id": "7", "Retry-After": "5", "Www-Authenticate": "Basic"}
		for name, want := range wanted {
			if got := r.Header[name]; len(got) != 1 || got[0] != want {
				t.Errorf("%s: %s is %q", transport, name, got)
			}
		}
	}
}

// TestTrailersOfAnySize asks for many trailers and for one with a very long name. The cost is linear, so that the test
// does not end in the timeout.
func TestTrailersOfAnySize(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 4<<20)
	md := metadata.Pairs(long, "1")
	for i := range 80_000 {
		md[fmt.Sprintf("x-%d", i)] = []string{"1"}
		md[fmt.Sprintf("x-%d-bin", i%100)] = []string{"1"}
	}
	service := &testkit.Service{}
	service.Behave(testkit.Sets(nil, md, nil))
	mux := testkit.Register(t, testkit.InProcess, service,
		standard.NewServeMux(runtime.WithOutgoingTrailerMatcher(identity)))
	r := httptest.NewRequest(http.MethodGet, "/v1/things/1", http.NoBody)
	r.Header.Set("Te", "trailers")
	recorder := httptest.NewRecorder()
	mux.ServeHTTP(recorder, r)
	if announced := recorder.Header()["Trailer"]; recorder.Code != 200 || len(announced) != 80_001 {
		t.Errorf("responded with %d and announced %d trailers", recorder.Code, len(announced))
	}
}

// TestTrailersAnnounced announces only trailers that are sent.
func TestTrailersAnnounced(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	service.Behave(testkit.Sets(nil, map[string][]string{
		"checksum": {"7"}, "trace-bin": {"\x00"}, "statusbridge-http-status": {"202"},
	}, nil))
	for _, protocol := range testkit.Protocols {
		for _, transport := range testkit.Transports {
			s := testkit.ServeOver(t, protocol, testkit.Register(t, transport, service, standard.NewServeMux()))
			r := call{Header: http.Header{"Te": {"trailers"}}}.At(t, s)
			if got := fmt.Sprint(r.Trailer); got != "map[Grpc-Trailer-Checksum:[7]]" {
				t.Errorf("%s %s: the trailers are %v", protocol, transport, got)
			}
		}
	}
}

// TestTrailersRenamedToFraming has the mux's matcher rename a trailer to a framing header. It is not announced,
// because clients refuse such a response.
func TestTrailersRenamedToFraming(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	service.Behave(testkit.Sets(nil, metadata.Pairs("checksum", "7"), nil))
	for _, transport := range testkit.Transports {
		base := bridged(t, transport, service, standard,
			runtime.WithOutgoingTrailerMatcher(func(string) (string, bool) {
				return "Content-Length", true
			}))
		r, err := call{Header: http.Header{"Te": {"trailers"}}}.Send(testkit.Client, base)
		if err != nil || r.Status != 200 || len(r.Trailer) > 0 {
			t.Errorf("%s: responded with %d with trailers %v: %v", transport, r.Status, r.Trailer, err)
		}
	}
}

// TestTrailersMalformed sends trailers that FuzzTrailers found to break the message. The other trailers are sent.
func TestTrailersMalformed(t *testing.T) {
	t.Parallel()
	for name, trailer := range map[string]metadata.MD{
		"a NUL in a value":         {"note": {"a\x00b"}},
		"a line break in a value":  {"note": {"a\r\nInjected: yes"}},
		"a comma in a name":        {"note,content-length": {"3"}},
		"a line break in a name":   {"note\r\ninjected": {"yes"}},
		"a character beyond ASCII": {"note\xe9": {"x"}},
		"no name":                  {"": {"x"}},
	} {
		for matcher, option := range map[string][]runtime.ServeMuxOption{
			"default": nil, "identity": {runtime.WithOutgoingTrailerMatcher(identity)},
		} {
			t.Run(name+" "+matcher, func(t *testing.T) {
				trailer["sum"] = []string{"7"}
				service := &testkit.Service{}
				service.Behave(testkit.Sets(nil, trailer, nil))
				server := httptest.NewServer(testkit.Register(t, testkit.InProcess, service,
					standard.NewServeMux(option...)))
				t.Cleanup(server.Close)
				message, err := testkit.SendRaw(server.Listener.Addr().String(), "GET /v1/things/1", "TE: trailers")
				if err != nil {
					t.Fatal(err)
				}
				r, err := testkit.ParseRaw(http.MethodGet, message)
				if err != nil {
					t.Fatal(err)
				}
				// A trailer that was announced and did not come is nil.
				maps.DeleteFunc(r.Trailer, func(_ string, values []string) bool { return values == nil })
				sum := map[string]string{"default": "Grpc-Trailer-Sum", "identity": "Sum"}[matcher]
				if r.Status != 200 || len(r.Trailer) != 1 || r.Trailer.Get(sum) != "7" {
					t.Errorf("responded with %d with the trailers %q", r.Status, r.Trailer)
				}
			})
		}
	}
}

// TestTrailersOfErrors asks for trailers on errors. grpc-gateway without this library writes the details of a status
// into HTTP/1.1 as raw bytes.
func TestTrailersOfErrors(t *testing.T) {
	t.Parallel()
	te := call{Header: http.Header{"Te": {"trailers"}}}
	run(t, []scenario{
		{
			name: "with details",
			call: te,
			behave: testkit.Fails(detailed(codes.NotFound, "no such thing",
				detail(t, violations("a\r\nb", "\x00\x01\n")))),
			status:  404,
			message: "no such thing",
			details: "a\r\nb: \x00\x01\n",
			without: recorded{network: malformed, inProcess: 404},
		}, {
			name:    "without details",
			call:    te,
			behave:  testkit.Fails(status.Error(codes.NotFound, "no such thing")),
			status:  404,
			message: "no such thing",
			without: without(404, "no such thing"),
		},
	})
}
