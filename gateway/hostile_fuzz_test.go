package gateway_test

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// hostileRoutes are a unary call, a stream of messages and a download.
var hostileRoutes = []call{{}, watch, export}

// hostileGateways are real servers of gateways for a hostile backend.
type hostileGateways map[bool]struct { // with the evidence of DialOptions, and without
	backend *grpc.ClientConn
	sites   map[bool]testkit.Site // over HTTP/2, and over HTTP/1.1
}

func newHostileGateways(t testing.TB, address string) hostileGateways {
	gateways := hostileGateways{}
	for evidence, options := range map[bool][]grpc.DialOption{true: gateway.DialOptions(), false: nil} {
		conn, err := grpc.NewClient(address, append(options,
			grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithConnectParams(grpc.ConnectParams{
				Backoff: backoff.Config{MaxDelay: time.Millisecond}, MinConnectTimeout: testkit.Patience,
			}))...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		mux := standard.NewServeMux()
		if err := testkitv1.RegisterThingServiceHandler(t.Context(), mux, conn); err != nil {
			t.Fatal(err)
		}
		g := gateways[evidence]
		g.backend, g.sites = conn, map[bool]testkit.Site{
			false: testkit.ServeLogging(t, testkit.HTTP1, mux, io.Discard),
			true:  testkit.ServeLogging(t, testkit.HTTP2, mux, io.Discard),
		}
		gateways[evidence] = g
	}
	return gateways
}

func (g hostileGateways) send(c call, evidence, second bool) (testkit.Response, error) {
	s := g[evidence].sites[second]
	return c.Send(s.Client, s.URL)
}

// disconnected waits until a gateway has noticed that its backend has closed the connection.
func (g hostileGateways) disconnected(t *testing.T, evidence bool) {
	ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
	defer cancel()
	if !g[evidence].backend.WaitForStateChange(ctx, connectivity.Ready) {
		t.Error("the gateway keeps a connection that is closed")
	}
}

// wantHostile wants a success only if the backend sent one, and else a documented error. Only a download breaks off,
// and only after the backend sent a message.
func wantHostile(t *testing.T, c call, r testkit.Response, err error, succeeded, begun bool) {
	t.Helper()
	switch {
	case err != nil:
		if c.Path != export.Path || !begun || r.Status != 200 && r.Status != 202 {
			t.Errorf("the response breaks off after %d %q: %v", r.Status, r.Body, err)
		}
	case r.Status >= 300:
		wantDocumentedError(t, r)
	case c.Path != "" && r.Status == 204 && begun: // complete with its first message
	case c.Path == watch.Path && r.Status < 203:
		wantHostileStream(t, r.Body, succeeded)
	case !succeeded || !slices.Contains([]int{200, 202, 204}, r.Status):
		t.Errorf("a failure gets %d %q", r.Status, r.Body)
	}
	if r.Status >= 500 && strings.Contains(r.Body, innerMark) || strings.Contains(r.Body, foreignMark) {
		t.Errorf("a %d says %q", r.Status, r.Body)
	}
}

// wantHostileStream demands that a stream ends in the documented chunk, unless it succeeded.
func wantHostileStream(t *testing.T, body string, succeeded bool) {
	t.Helper()
	chunks := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
	var last struct {
		Error *struct {
			Code    int
			Message string
		}
	}
	if err := json.Unmarshal([]byte(chunks[len(chunks)-1]), &last); err != nil && body != "" {
		t.Errorf("%v in %q", err, body)
	}
	switch {
	case last.Error == nil && !succeeded:
		t.Errorf("a stream that failed ends as if it had not: %q", body)
	case last.Error == nil:
	case !slices.Contains(testkit.ErrorStatuses, last.Error.Code):
		t.Errorf("a stream ends with %q", body)
	case last.Error.Code >= 500 && strings.Contains(last.Error.Message, innerMark):
		t.Errorf("a stream ends with %q", body)
	}
}
