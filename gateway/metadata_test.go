package gateway_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

var (
	withIdentity = runtime.WithOutgoingHeaderMatcher(identity)
	// withPrefix renames, as most configured matchers do.
	withPrefix = runtime.WithOutgoingHeaderMatcher(func(key string) (string, bool) { return "backend-" + key, true })
	// withOne has every key leave under one name.
	withOne = runtime.WithOutgoingHeaderMatcher(func(string) (string, bool) { return "X-Backend", true })
	// withFew forwards two keys.
	withFew = runtime.WithOutgoingHeaderMatcher(func(key string) (string, bool) {
		return key, key == "request-id" || key == "statusbridge-http-status"
	})
	withNone = runtime.WithOutgoingHeaderMatcher(func(string) (string, bool) { return "", false })
)

// backendHeader is what a backend may send, and must not all leave: binary metadata, the control key with another
// status, and framing.
var backendHeader = metadata.MD{
	"request-id":               {"r-1"},
	"many":                     {"one", "two", "one"},
	"trace-bin":                {"\x00\x01\r\nInjected: yes\xff"},
	"statusbridge-http-status": {"202"},
}

// forwarded says which headers come out of backendHeader, by the matcher.
var forwarded = map[string]struct {
	option []runtime.ServeMuxOption
	want   http.Header
}{
	"default": {nil, http.Header{"Grpc-Metadata-Request-Id": {"r-1"}, "Grpc-Metadata-Many": {"one", "one", "two"}}},
	"identity": {[]runtime.ServeMuxOption{withIdentity},
		http.Header{"Request-Id": {"r-1"}, "Many": {"one", "one", "two"}}},
	"renaming": {[]runtime.ServeMuxOption{withPrefix},
		http.Header{"Backend-Request-Id": {"r-1"}, "Backend-Many": {"one", "one", "two"}}},
	"one name": {[]runtime.ServeMuxOption{withOne}, http.Header{"X-Backend": {"one", "one", "r-1", "two"}}},
	"few":      {[]runtime.ServeMuxOption{withFew}, http.Header{"Request-Id": {"r-1"}}},
	"none":     {[]runtime.ServeMuxOption{withNone}, http.Header{}},
}

// backendHeaders are the headers of an answer that the gateway did not make itself, with sorted values.
func backendHeaders(h http.Header) http.Header {
	h = maps.Clone(h)
	for _, own := range []string{"Content-Type", "Content-Length", "Date", "Grpc-Metadata-Content-Type", "Backend-Content-Type"} {
		delete(h, own)
	}
	for _, values := range h {
		slices.Sort(values)
	}
	return h
}

// TestMetadata forwards header metadata as the mux is configured to, once, on an error, on a success, and on a success
// that becomes an error after its metadata has been forwarded. grpc-gateway's answer to binary metadata is malformed.
func TestMetadata(t *testing.T) {
	late := runtime.WithForwardResponseRewriter(failingRewriter)
	for name, matcher := range forwarded {
		for kind, c := range map[string]struct {
			behave  testkit.Behaviour
			options []runtime.ServeMuxOption
			status  int
		}{
			"error":   {testkit.Sets(backendHeader, nil, testkit.ErrNotFound), nil, 404},
			"success": {testkit.Sets(backendHeader, nil, nil), nil, 202},
			"late":    {testkit.Sets(backendHeader, nil, nil), []runtime.ServeMuxOption{late}, 500},
		} {
			for _, transport := range testkit.Transports {
				for _, te := range []string{"", "trailers"} {
					t.Run(fmt.Sprint(name, " ", kind, " ", transport, " ", te), func(t *testing.T) {
						service := &testkit.Service{}
						service.Behave(c.behave)
						request := call{Header: http.Header{"Te": {te}}}
						options := slices.Concat(matcher.option, c.options)
						r := request.To(t, bridged(t, transport, service, gateway.New(), options...))
						if r.Status != c.status {
							t.Errorf("answered %d %s, want %d", r.Status, r.Body, c.status)
						}
						if name == "one name" && c.status == 202 && transport == testkit.Network {
							// The content type of the gRPC message takes part, as the matcher wants.
							r.Header["X-Backend"] = slices.DeleteFunc(r.Header["X-Backend"],
								func(value string) bool { return strings.HasPrefix(value, "application/grpc") })
						}
						if got, want := fmt.Sprint(backendHeaders(r.Header)), fmt.Sprint(matcher.want); got != want {
							t.Errorf("forwarded %s, want %s", got, want)
						}
						if err := testkit.Leak(r.Header); err != nil {
							t.Error(err)
						}
						if got := r.Header["Content-Type"]; !slices.Equal(got, []string{"application/json"}) {
							t.Errorf("the content type is %q", got)
						}
						if name != "default" || kind == "late" {
							return
						}
						if bare, err := request.Send(http.DefaultClient, bare(t, transport, service, matcher.option...)); err == nil {
							t.Errorf("grpc-gateway answers %d, recorded is a malformed message", bare.Status)
						}
					})
				}
			}
		}
	}
}

// TestFraming has a backend send what speaks of the message that it is in. It may not touch the gateway's own.
func TestFraming(t *testing.T) {
	framing := metadata.Pairs("content-length", "3", "content-encoding", "gzip", "trailer", "X", "upgrade", "h2c",
		"keep-alive", "timeout=1", "proxy-connection", "close", "content-type", "text/html",
		"grpc-anything", "x", "request-id", "r-1")
	for _, protocol := range testkit.Protocols {
		for kind, c := range map[string]struct {
			behave testkit.Behaviour
			status int
		}{
			"error":   {testkit.Sets(framing, framing, testkit.ErrNotFound), 404},
			"success": {testkit.Sets(framing, framing, nil), 200},
		} {
			for _, te := range []string{"", "trailers"} {
				t.Run(fmt.Sprint(protocol, " ", kind, " ", te), func(t *testing.T) {
					// In process, where grpc-go does not hold such keys back.
					service := &testkit.Service{}
					service.Behave(c.behave)
					s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.InProcess, service, gateway.New().NewServeMux(withIdentity)))
					r := call{Header: http.Header{"Te": {te}}}.At(t, s)
					if r.Status != c.status {
						t.Errorf("answered %d, want %d", r.Status, c.status)
					}
					if c.status != 200 {
						r.WantError(t, c.status, "no such thing", "")
					}
					if got := r.Header["Content-Type"]; !slices.Equal(got, []string{"application/json"}) {
						t.Errorf("the content type is %q", got)
					}
					want := http.Header{"Request-Id": {"r-1"}}
					if got := backendHeaders(r.Header); fmt.Sprint(got) != fmt.Sprint(want) {
						t.Errorf("forwarded %v, want %v", got, want)
					}
				})
			}
		}
	}
}

// TestEarlyHeader sends the header before the bridge knows the metadata: an option in front of it flushes. What was
// chosen is read from the headers then, and does not leave.
func TestEarlyHeader(t *testing.T) {
	flush := runtime.WithForwardResponseOption(func(_ context.Context, w http.ResponseWriter, _ proto.Message) error {
		return http.NewResponseController(w).Flush()
	})
	for name, matcher := range forwarded {
		for chosen, httpStatus := range map[string]int{"202": 202, "404": 200, "299": 200, "soon": 200} {
			if name == "one name" && httpStatus == 200 {
				continue // under one name, nobody knows whose value it is
			}
			t.Run(name+" "+chosen, func(t *testing.T) {
				service := &testkit.Service{}
				header := maps.Clone(backendHeader)
				delete(header, "trace-bin")
				header["statusbridge-http-status"] = []string{chosen}
				service.Behave(testkit.Sets(header, nil, nil))
				options := append(slices.Clone(matcher.option), flush)
				r := call{}.To(t, bridged(t, testkit.InProcess, service, gateway.New(), options...))
				if got := backendHeaders(r.Header); r.Status != httpStatus || fmt.Sprint(got) != fmt.Sprint(matcher.want) {
					t.Errorf("answered %d %v, want %d %v", r.Status, got, httpStatus, matcher.want)
				}
			})
		}
	}
}

// TestTrailers asks for trailers on a success. What may not be a header may not be a trailer either, nor may framing
// and the like (RFC 9110 section 6.5.1).
func TestTrailers(t *testing.T) {
	trailer := metadata.Pairs("checksum", "7", "trace-bin", "\x00\r\n", "content-type", "text/html",
		"content-length", "3", "transfer-encoding", "gzip", "grpc-anything", "x", "statusbridge-http-status", "202",
		// A service in process may name them as it likes; a field's name is a token (RFC 9110 section 5.1).
		"az09!#$%&'*+-.^_|~", "t", "a b", "x", "a@", "x", "a[", "x", "a/", "x", "a:", "x", "a{", "x", "é", "x")
	for _, protocol := range testkit.Protocols {
		for _, httpStatus := range []int{200, 202, 204} {
			t.Run(fmt.Sprint(protocol, " ", httpStatus), func(t *testing.T) {
				service := &testkit.Service{}
				service.Behave(testkit.Sets(metadata.Pairs("statusbridge-http-status", fmt.Sprint(httpStatus)), trailer, nil))
				mux := testkit.Register(t, testkit.InProcess, service, gateway.New().NewServeMux(runtime.WithOutgoingTrailerMatcher(identity)))
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
					t.Errorf("answered %d with trailers %v, want %v", r.Status, got, want)
				}
			})
		}
	}
}

// TestErrorCaching lets a service say how its error may be cached, where the mux forwards such keys.
func TestErrorCaching(t *testing.T) {
	for _, transport := range testkit.Transports {
		service := &testkit.Service{}
		service.Behave(testkit.Sets(metadata.Pairs("cache-control", "no-store"), nil, testkit.ErrNotFound))
		r := call{}.To(t, bridged(t, transport, service, gateway.New(), withIdentity))
		r.WantError(t, 404, "no such thing", "")
		if got := r.Header["Cache-Control"]; !slices.Equal(got, []string{"no-store"}) {
			t.Errorf("%s: Cache-Control is %q", transport, got)
		}
	}
}

// TestTrailerRenamedToFraming has the mux's matcher give a trailer a name that frames the message. It is not announced:
// clients refuse an answer that says that its length will follow.
func TestTrailerRenamedToFraming(t *testing.T) {
	service := &testkit.Service{}
	service.Behave(testkit.Sets(nil, metadata.Pairs("checksum", "7"), nil))
	for _, transport := range testkit.Transports {
		base := bridged(t, transport, service, gateway.New(), runtime.WithOutgoingTrailerMatcher(func(string) (string, bool) {
			return "Content-Length", true
		}))
		r, err := call{Header: http.Header{"Te": {"trailers"}}}.Send(http.DefaultClient, base)
		if err != nil || r.Status != 200 || len(r.Trailer) > 0 {
			t.Errorf("%s: answered %d with trailers %v: %v", transport, r.Status, r.Trailer, err)
		}
	}
}

// TestMetadataOfLateFailureAlone has a forward option fail where ErrorHandler is registered alone: what grpc-gateway has
// forwarded of the success is not forwarded again.
func TestMetadataOfLateFailureAlone(t *testing.T) {
	service := &testkit.Service{}
	service.Behave(testkit.Sets(metadata.Pairs("request-id", "r-1"), nil, nil))
	for _, transport := range testkit.Transports {
		base := testkit.Start(t, transport, service, runtime.NewServeMux(runtime.WithErrorHandler(gateway.ErrorHandler),
			runtime.WithForwardResponseOption(func(context.Context, http.ResponseWriter, proto.Message) error { return testkit.ErrNotFound })))
		r := call{}.To(t, base)
		r.WantError(t, 404, "no such thing", "")
		if got := r.Header["Grpc-Metadata-Request-Id"]; !slices.Equal(got, []string{"r-1"}) {
			t.Errorf("%s: the metadata left as %q", transport, got)
		}
	}
}
