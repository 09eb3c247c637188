package gateway_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/probe"
	"github.com/statusbridge/statusbridge/mapping"
)

// identity forwards every key under its own name.
func identity(key string) (string, bool) { return key, true }

// TestChallenge is about the WWW-Authenticate of a 401 (RFC 9110 section 11.6.1). grpc-gateway puts the message there.
func TestChallenge(t *testing.T) {
	const realm = `Bearer realm="api", error="invalid_token"`
	unauthenticated := status.Error(codes.Unauthenticated, "token of bob@10.0.0.3 expired")
	sent := metadata.Pairs("www-authenticate", `Basic realm="backend"`)
	two := metadata.Pairs("www-authenticate", "Basic", "www-authenticate", "Digest nonce=1")
	for _, c := range []struct {
		name    string
		behave  probe.Behaviour
		options []gateway.Option
		mux     []runtime.ServeMuxOption
		want    []string
	}{
		{name: "default", behave: fails(unauthenticated), want: []string{"Bearer"}},
		{name: "configured", behave: fails(unauthenticated), options: []gateway.Option{gateway.WithChallenge(realm)}, want: []string{realm}},
		{name: "header", behave: sets(sent, nil, unauthenticated), want: sent["www-authenticate"]},
		{name: "trailer", behave: sets(nil, sent, unauthenticated), want: sent["www-authenticate"]},
		{name: "wins", behave: sets(sent, nil, unauthenticated), options: []gateway.Option{gateway.WithChallenge(realm)}, want: sent["www-authenticate"]},
		{name: "several", behave: sets(two, nil, unauthenticated), want: two["www-authenticate"]},
		{name: "empty", behave: sets(metadata.Pairs("www-authenticate", ""), nil, unauthenticated), want: []string{"Bearer"}},
		{name: "forwarded too", behave: sets(sent, nil, unauthenticated),
			mux: []runtime.ServeMuxOption{runtime.WithOutgoingHeaderMatcher(identity)}, want: sent["www-authenticate"]},
		{name: "exact", behave: fails(mapping.Errorf(401, "expired")), want: []string{"Bearer"}},
		{name: "another status", behave: sets(sent, nil, errNotFound), want: nil},
	} {
		for _, transport := range probe.Transports {
			t.Run(fmt.Sprint(c.name, " ", transport), func(t *testing.T) {
				service := &probe.Service{}
				service.Behave(c.behave)
				r := call{}.to(t, bridged(t, transport, service, append(c.mux, probe.Bridge(gateway.New(c.options...)))...))
				if got := r.header["Www-Authenticate"]; !slices.Equal(got, c.want) {
					t.Errorf("the challenge is %q, want %q", got, c.want)
				}
				if err := r.errorDefect(); err != nil {
					t.Error(err)
				}
			})
		}
	}
	for _, transport := range probe.Transports {
		service := &probe.Service{}
		service.Behave(fails(unauthenticated))
		if got := (call{}).to(t, bare(t, transport, service)).header["Www-Authenticate"]; !slices.Equal(got, []string{"token of bob@10.0.0.3 expired"}) {
			t.Errorf("%s: grpc-gateway's challenge is %q, recorded is the message", transport, got)
		}
	}
}
