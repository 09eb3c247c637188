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
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestStreamLeave has clients leave streams that never end: before the first message, after it, and while messages come
// faster than they are read. The call to the service ends, and nothing is left running.
func TestStreamLeave(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		for _, c := range []call{watch, export, routes[6].call} {
			for name, messages := range map[string]int{"none": 0, "one": 1, "many": 1 << 30} {
				t.Run(name+" "+c.Path, func(t *testing.T) {
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
	ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
	defer cancel()
	begun, ended := make(chan struct{}), make(chan struct{})
	service := &testkit.Service{}
	service.BehaveStream(func(ctx context.Context, send func() error) error {
		close(begun)
		return testkit.Endless(t.Context(), messages, ended)(ctx, send)
	})
	server := httptest.NewUnstartedServer(testkit.Register(t, testkit.Network, service, gateway.New().NewServeMux()))
	if server.EnableHTTP2 = http2; http2 {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	s := testkit.Site{Client: server.Client(), URL: server.URL}
	going, gone := context.WithCancel(ctx)
	if messages == 0 {
		go func() {
			<-begun
			gone()
		}()
		request, err := http.NewRequestWithContext(going, cmp.Or(c.Method, http.MethodGet), s.URL+c.Path, strings.NewReader(c.Body))
		if err != nil {
			t.Fatal(err)
		}
		if response, err := s.Client.Do(request); err == nil {
			response.Body.Close()
			t.Errorf("answered %d before the first message", response.StatusCode)
		}
	} else {
		_, body := c.Follow(going, t, s)
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
		service := &testkit.Service{}
		service.BehaveStream(testkit.Sends(2, testkit.ErrNotFound))
		for _, protocol := range testkit.Protocols {
			s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service, gateway.New().NewServeMux()))
			for range 20 {
				if r, err := export.Send(s.Client, s.URL); err == nil {
					t.Errorf("%s: the download ends cleanly: %q", protocol, r.Body)
				}
			}
		}
	})
	goleak.VerifyNone(t, known)
}

// TestStreamHeadLeavesNothing asks many times for headers on one connection, which would be blocked by the first answer
// that is not complete.
func TestStreamHeadLeavesNothing(t *testing.T) {
	service := &testkit.Service{}
	service.BehaveStream(func(ctx context.Context, send func() error) error {
		return testkit.Endless(t.Context(), 1, make(chan struct{}))(ctx, send)
	})
	s := testkit.ServeOver(t, "HTTP/1.1", testkit.Register(t, testkit.Network, service, gateway.New().NewServeMux()))
	s.Client.Transport.(*http.Transport).MaxConnsPerHost = 1
	for range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience/6)
		defer cancel()
		response, _ := call{Method: "HEAD", Path: watch.Path}.Follow(ctx, t, s)
		if response.StatusCode != http.StatusOK {
			t.Errorf("answered %d", response.StatusCode)
		}
	}
}
