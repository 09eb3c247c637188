package gateway_test

import (
	"cmp"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/probe"
)

// TestStreamLeave has clients leave streams that never end: before the first message, after it, and while messages come
// faster than they are read. The call to the service ends, and nothing is left running.
func TestStreamLeave(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		for _, c := range []call{watch, export, routes[6].call} {
			for name, messages := range map[string]int{"none": 0, "one": 1, "many": 1 << 30} {
				t.Run(name+" "+c.path, func(t *testing.T) {
					known := goleak.IgnoreCurrent()
					t.Run("", func(t *testing.T) { leave(t, http2, c, messages) })
					goleak.VerifyNone(t, known)
				})
			}
		}
	}
}

// leave plays one client on servers of its own, which are gone when it returns.
func leave(t *testing.T, http2 bool, c call, messages int) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	begun, ended := make(chan struct{}), make(chan struct{})
	service := &probe.Service{}
	service.BehaveStream(func(ctx context.Context, send func() error) error {
		close(begun)
		return endless(t, messages, ended)(ctx, send)
	})
	server := httptest.NewUnstartedServer(probe.Mux(t, probe.Network, service, probe.Bridge(gateway.New())))
	if server.EnableHTTP2 = http2; http2 {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	s := site{server.Client(), server.URL}
	going, gone := context.WithCancel(ctx)
	if messages == 0 {
		go func() {
			<-begun
			gone()
		}()
		request, err := http.NewRequestWithContext(going, cmp.Or(c.method, http.MethodGet), s.base+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		if response, err := s.client.Do(request); err == nil {
			response.Body.Close()
			t.Errorf("answered %d before the first message", response.StatusCode)
		}
	} else {
		_, body := c.follow(going, t, s)
		if _, err := body.ReadString('\n'); err != nil {
			t.Error(err)
		}
		gone()
	}
	wantEnd(t, ended)
}

// TestStreamAbortLeavesNothing aborts streams from our side, again and again.
func TestStreamAbortLeavesNothing(t *testing.T) {
	known := goleak.IgnoreCurrent()
	t.Run("", func(t *testing.T) {
		service := &probe.Service{}
		service.BehaveStream(sends(2, errNotFound))
		for protocol := range protocols {
			s := serveLogging(t, protocol, probe.Mux(t, probe.Network, service, probe.Bridge(gateway.New())), complaints{t})
			for range 20 {
				if r, err := export.send(s.client, s.base); err == nil {
					t.Errorf("%s: the download ends cleanly: %q", protocol, r.body)
				}
			}
		}
	})
	goleak.VerifyNone(t, known)
}

// TestStreamHeadLeavesNothing asks many times for headers on one connection, which would be blocked by the first answer
// that is not complete.
func TestStreamHeadLeavesNothing(t *testing.T) {
	service := &probe.Service{}
	service.BehaveStream(func(ctx context.Context, send func() error) error {
		return endless(t, 1, make(chan struct{}))(ctx, send)
	})
	s := serveOver(t, "HTTP/1.1", probe.Mux(t, probe.Network, service, probe.Bridge(gateway.New())))
	s.client.Transport.(*http.Transport).MaxConnsPerHost = 1
	for range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), patience/6)
		defer cancel()
		response, _ := call{method: "HEAD", path: watch.path}.follow(ctx, t, s)
		if response.StatusCode != http.StatusOK {
			t.Errorf("answered %d", response.StatusCode)
		}
	}
}
