package gateway_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

var (
	withIdentity = runtime.WithOutgoingHeaderMatcher(identity)
	// withPrefix renames, as most configured matchers do.
	withPrefix = runtime.WithOutgoingHeaderMatcher(func(key string) (string, bool) { return "backend-" + key, true })
	// withOne forwards every key under one name.
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
	for _, own := range []string{"Content-Type", "Content-Length", "Date", "Grpc-Metadata-Content-Type",
		"Backend-Content-Type"} {
		delete(h, own)
	}
	for _, values := range h {
		slices.Sort(values)
	}
	return h
}

// TestMetadata forwards header metadata once, as the mux is configured to, on errors and successes. grpc-gateway
// without this library sends a malformed response for binary metadata.
func TestMetadata(t *testing.T) {
	t.Parallel()
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
						r := request.To(t, bridged(t, transport, service, standard, options...))
						if r.Status != c.status {
							t.Errorf("responded with %d %s, want %d", r.Status, r.Body, c.status)
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
						if bare, err := request.Send(testkit.Client,
							bare(t, transport, service, matcher.option...)); err == nil {
							t.Errorf("grpc-gateway sends %d, recorded is a malformed message", bare.Status)
						}
					})
				}
			}
		}
	}
}

// TestMetadataOfFraming has a backend send framing headers. They do not change the gateway's own.
func TestMetadataOfFraming(t *testing.T) {
	t.Parallel()
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
					s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.InProcess, service,
						standard.NewServeMux(withIdentity)))
					r := call{Header: http.Header{"Te": {te}}}.At(t, s)
					if r.Status != c.status {
						t.Errorf("responded with %d, want %d", r.Status, c.status)
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

// TestMetadataBeforeFlush has a forward response option flush the header.
func TestMetadataBeforeFlush(t *testing.T) {
	t.Parallel()
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
				r := call{}.To(t, bridged(t, testkit.InProcess, service, standard, options...))
				if got := backendHeaders(r.Header); r.Status != httpStatus ||
					fmt.Sprint(got) != fmt.Sprint(matcher.want) {
					t.Errorf("responded with %d %v, want %d %v", r.Status, got, httpStatus, matcher.want)
				}
			})
		}
	}
}

// TestMetadataOfCaching keeps a Cache-Control that restricts on an error and removes one that permits, wherever it
// comes from.
func TestMetadataOfCaching(t *testing.T) {
	t.Parallel()
	for control, kept := range map[string]bool{
		"no-store": true, "no-cache": true, "private": true, "must-revalidate": true, "max-age=0": true,
		"NO-STORE": true,
		"public":   false, "max-age=60": false, "public, max-age=60": false, "immutable": false,
	} {
		for _, transport := range testkit.Transports {
			t.Run(fmt.Sprint(control, " ", transport), func(t *testing.T) {
				service := &testkit.Service{}
				service.Behave(testkit.Sets(metadata.Pairs("cache-control", control), nil, testkit.ErrNotFound))
				backend := call{}.To(t, bridged(t, transport, service, standard, withIdentity))
				service.Behave(testkit.Fails(testkit.ErrNotFound))
				mux := testkit.Register(t, transport, service, standard.NewServeMux())
				middleware := call{}.To(t, front(t, mux, http.Header{"Cache-Control": {control}}))
				for name, r := range map[string]testkit.Response{"backend": backend, "middleware": middleware} {
					r.WantError(t, 404, "no such thing", "")
					if got := r.Header["Cache-Control"]; (len(got) > 0) != kept || kept &&
						!slices.Equal(got, []string{control}) {
						t.Errorf("Cache-Control of the %s is %q", name, got)
					}
				}
			})
		}
	}
}

// TestMetadataRenamedToFraming has the mux's matcher rename metadata to a framing header. It is not sent, on errors and
// successes.
func TestMetadataRenamedToFraming(t *testing.T) {
	t.Parallel()
	for httpStatus, err := range map[int]error{200: nil, 404: testkit.ErrNotFound} {
		for _, name := range []string{"Content-Length", "content-length", "Transfer-Encoding", "Connection",
			"Trailer"} {
			rename := runtime.WithOutgoingHeaderMatcher(func(key string) (string, bool) {
				return name,
					key == "framing"
			})
			for _, transport := range testkit.Transports {
				service := &testkit.Service{}
				service.Behave(testkit.Sets(metadata.Pairs("framing", "3"), nil, err))
				r := call{}.To(t, bridged(t, transport, service, standard, rename))
				if r.Status != httpStatus || slices.Contains(r.Header.Values(name), "3") {
					t.Errorf("%s %s: responded with %d %v", transport, name, r.Status, r.Header)
				}
			}
		}
	}
}

// front stands before a mux and sets headers on every answer, as middleware for security and tracing does.
func front(t *testing.T, mux http.Handler, header http.Header) string {
	t.Helper()
	return testkit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, values := range header {
			w.Header()[name] = slices.Clone(values)
		}
		mux.ServeHTTP(w, r)
	}))
}

// TestMetadataBesideMiddleware keeps the headers that middleware before the mux has set, and forwards metadata beside
// them.
func TestMetadataBesideMiddleware(t *testing.T) {
	t.Parallel()
	backend := metadata.Pairs("x-request-id", "r-1", "x-other", "o")
	for name, c := range map[string]struct {
		behave testkit.Behaviour
		late   bool
		status int
	}{
		"success": {testkit.Sets(backend, nil, nil), false, 200},
		"error":   {testkit.Sets(backend, nil, testkit.ErrNotFound), false, 404},
		"late":    {testkit.Sets(backend, nil, nil), true, 500},
	} {
		for _, transport := range testkit.Transports {
			t.Run(fmt.Sprint(name, " ", transport), func(t *testing.T) {
				service := &testkit.Service{}
				service.Behave(c.behave)
				options := []runtime.ServeMuxOption{withIdentity}
				if c.late {
					options = append(options, runtime.WithForwardResponseRewriter(failingRewriter))
				}
				r := call{}.To(t, front(t, testkit.Register(t, transport, service,
					standard.NewServeMux(options...)), http.Header{
					"X-Request-Id": {"r-1"}, "Cache-Control": {"no-store"}, "Vary": {"Origin"},
				}))
				if r.Status != c.status {
					t.Errorf("responded with %d %s", r.Status, r.Body)
				}
				for name, want := range map[string][]string{"X-Other": {"o"}, "Cache-Control": {"no-store"},
					"Vary": {"Origin"}} {
					if got := r.Header[name]; !slices.Equal(got, want) {
						t.Errorf("%s is %q, want %q", name, got, want)
					}
				}
				// Once from the middleware, and at most once from the backend.
				if got := len(r.Header["X-Request-Id"]); got != 1 && got != 2 {
					t.Errorf("X-Request-Id came %d times", got)
				}
			})
		}
	}
}

// TestChallenge sends the WWW-Authenticate header of a 401 (RFC 9110 section 11.6.1). grpc-gateway without this
// library puts the message there.
func TestChallenge(t *testing.T) {
	t.Parallel()
	const realm = `Bearer realm="api", error="invalid_token"`
	unauthenticated := status.Error(codes.Unauthenticated, "token of bob@10.0.0.3 expired")
	sent := metadata.Pairs("www-authenticate", `Basic realm="backend"`)
	two := metadata.Pairs("www-authenticate", "Basic", "www-authenticate", "Digest nonce=1")
	for _, c := range []struct {
		name    string
		behave  testkit.Behaviour
		options []gateway.Option
		mux     []runtime.ServeMuxOption
		want    []string
	}{
		{name: "default", behave: testkit.Fails(unauthenticated), want: []string{"Bearer"}},
		{name: "configured", behave: testkit.Fails(unauthenticated),
			options: []gateway.Option{gateway.WithChallenge(realm)}, want: []string{realm}},
		{name: "header", behave: testkit.Sets(sent, nil, unauthenticated), want: sent["www-authenticate"]},
		{name: "trailer", behave: testkit.Sets(nil, sent, unauthenticated), want: sent["www-authenticate"]},
		{name: "wins", behave: testkit.Sets(sent, nil, unauthenticated),
			options: []gateway.Option{gateway.WithChallenge(realm)}, want: sent["www-authenticate"]},
		{name: "several", behave: testkit.Sets(two, nil, unauthenticated), want: two["www-authenticate"]},
		{name: "empty", behave: testkit.Sets(metadata.Pairs("www-authenticate", ""), nil, unauthenticated),
			want: []string{"Bearer"}},
		{name: "blank", behave: testkit.Sets(metadata.Pairs("www-authenticate", " "), nil, unauthenticated),
			want: []string{"Bearer"}},
		{name: "without a scheme",
			behave: testkit.Sets(metadata.Pairs("www-authenticate", `realm="api"`), nil, unauthenticated),
			want:   []string{"Bearer"}},
		{name: "one is valid",
			behave: testkit.Sets(metadata.Pairs("www-authenticate", `, Basic`, "www-authenticate", "Basic"),
				nil, unauthenticated), want: []string{"Basic"}},
		{name: "two in one",
			behave: testkit.Sets(metadata.Pairs("www-authenticate", `Basic, Bearer`), nil, unauthenticated),
			want:   []string{"Basic, Bearer"}},
		{name: "forwarded too", behave: testkit.Sets(sent, nil, unauthenticated),
			mux: []runtime.ServeMuxOption{runtime.WithOutgoingHeaderMatcher(identity)}, want: sent["www-authenticate"]},
		{name: "exact", behave: testkit.Fails(mapping.Errorf(401, "expired")), want: []string{"Bearer"}},
		{name: "another status", behave: testkit.Sets(sent, nil, testkit.ErrNotFound), want: nil},
	} {
		for _, transport := range testkit.Transports {
			t.Run(fmt.Sprint(c.name, " ", transport), func(t *testing.T) {
				service := &testkit.Service{}
				service.Behave(c.behave)
				r := call{}.To(t, bridged(t, transport, service, gateway.New(c.options...), c.mux...))
				if got := r.Header["Www-Authenticate"]; !slices.Equal(got, c.want) {
					t.Errorf("the challenge is %q, want %q", got, c.want)
				}
				if got := r.Header["Grpc-Metadata-Www-Authenticate"]; r.Status == 401 && got != nil {
					t.Errorf("the challenge is sent as metadata too: %q", got)
				}
				if err := r.ErrorDefect(); err != nil {
					t.Error(err)
				}
			})
		}
	}
	for _, transport := range testkit.Transports {
		service := &testkit.Service{}
		service.Behave(testkit.Fails(unauthenticated))
		if got := (call{}).To(t, bare(t, transport, service)).Header["Www-Authenticate"]; !slices.Equal(got,
			[]string{"token of bob@10.0.0.3 expired"}) {
			t.Errorf("%s: grpc-gateway's challenge is %q, recorded is the message", transport, got)
		}
	}
}

// TestChallengeOfStreams has a service send its own challenge as header or trailer metadata. grpc-gateway drops the
// trailers of streams, so without DialOptions a client gets the configured challenge.
func TestChallengeOfStreams(t *testing.T) {
	t.Parallel()
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
			base := testkit.Serve(t, testkit.Connect(t, address, standard.NewServeMux(), dial...))
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

// TestChallengeOfMiddleware keeps the WWW-Authenticate header that middleware has set before.
func TestChallengeOfMiddleware(t *testing.T) {
	t.Parallel()
	recorder := httptest.NewRecorder()
	recorder.Header().Set("WWW-Authenticate", "Negotiate")
	standard.WriteError(recorder, httptest.NewRequest(http.MethodGet, "/", nil),
		status.Error(codes.Unauthenticated, "x"))
	if got := recorder.Header()["Www-Authenticate"]; !slices.Equal(got, []string{"Negotiate"}) {
		t.Errorf("the challenge is %q", got)
	}
	service := &testkit.Service{}
	service.Behave(testkit.Sets(metadata.Pairs("x-request-id", "7"), nil, status.Error(codes.Unauthenticated, "x")))
	r := call{}.To(t, front(t, testkit.Register(t, testkit.Network, service, standard.NewServeMux()),
		http.Header{"Www-Authenticate": {"Negotiate"}}))
	if got := r.Header["Www-Authenticate"]; !slices.Equal(got, []string{"Negotiate"}) {
		t.Errorf("the challenge beside metadata is %q", got)
	}
}
