package upstream

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
)

func emptyResolver() resolver.Builder {
	r := manual.NewBuilderWithScheme("nowhere")
	r.InitialState(resolver.State{})
	return r
}

// serveEcho starts a real gRPC server that knows no methods, but reads requests.
func serveEcho(t *testing.T, options ...grpc.ServerOption) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	options = append(options, grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		return stream.RecvMsg(new(wrapperspb.StringValue))
	}))
	server := grpc.NewServer(options...)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// TestPatterns has grpc-go produce a text for each pattern. It fails if a text is not recognised, or if a pattern gets
// no text.
func TestPatterns(t *testing.T) {
	type key struct {
		text string
		when moment
	}
	hit := map[key]bool{}
	for _, c := range provocations() {
		t.Run(c.text, func(t *testing.T) {
			err := c.provoke(t)
			var e *callError
			if !errors.As(err, &e) {
				t.Fatalf("%v has no evidence", err)
			}
			at := unsent
			if e.seen.has(begun) {
				at = momentOf(e.seen)
			}
			r := contract.Read(err)
			f := failure{Reading: &r}
			p, ok := f.match(at)
			if !ok || p.text != c.text || c.when != 0 && p.when != c.when {
				t.Errorf("%v at %b is recognised as %q at %b", err, at, p.text, p.when)
			}
			hit[key{p.text, p.when}] = true
		})
	}
	for _, p := range patterns {
		if !hit[key{p.text, p.when}] {
			t.Errorf("no test provokes %v %q at %b", p.code, p.text, p.when)
		}
	}
}

func (c provocation) provoke(t *testing.T) error {
	t.Helper()
	address, secure := "nowhere:///x", insecure.NewCredentials()
	switch {
	case c.stand != nil:
		address, secure = c.stand(t)
	case c.peer != nil:
		address = badpeer.Listen(t, nil, badpeer.HTTP2(c.peer))
	}
	conn, err := grpc.NewClient(address, append(DialOptions(c.dial...), grpc.WithTransportCredentials(secure))...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if c.header != nil {
		ctx = metadata.NewOutgoingContext(ctx, c.header)
	}
	var request any = wrapperspb.String(c.value)
	if c.raw {
		request = c.value
	}
	if c.closed {
		_ = conn.Close()
	}
	err = conn.Invoke(ctx, "/s/m", request, new(wrapperspb.StringValue))
	if !c.closed && conn.GetState() == connectivity.Shutdown {
		t.Error("the connection was closed")
	}
	return err
}

// TestMatches holds the notation of patterns against texts.
func TestMatches(t *testing.T) {
	for _, c := range []struct {
		text, want string
		ok         bool
	}{
		{"", "", true}, {"abc", "ab", true}, {"abc", "bc", false}, {"abc", "*c", true}, {"abc", "*b", true},
		{"abc", "a*c", true}, {"abc", "b*c", false}, {"abc", "a*b$", false}, {"abc", "a*c$", true},
		{"abc", "abc$", true},
		{"abcd", "abc$", false}, {"", "*", true}, {"a", "a*a", false},
	} {
		if matches(c.text, c.want) != c.ok {
			t.Errorf("%q against %q", c.text, c.want)
		}
	}
}
