package gateway_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

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
		{name: "without a scheme", behave: testkit.Sets(metadata.Pairs("www-authenticate", `realm="api"`), nil, unauthenticated),
			want: []string{"Bearer"}},
		{name: "one is valid", behave: testkit.Sets(metadata.Pairs("www-authenticate", `, Basic`, "www-authenticate", "Basic"),
			nil, unauthenticated), want: []string{"Basic"}},
		{name: "two in one", behave: testkit.Sets(metadata.Pairs("www-authenticate", `Basic, Bearer`), nil, unauthenticated),
			want: []string{"Basic, Bearer"}},
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
}
