package contracttest_test

import (
	"fmt"
	"net/http"
	goruntime "runtime"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/contracttest"
	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// register adds the routes of the test service to a mux.
func register(t testing.TB, mux *runtime.ServeMux, conn *grpc.ClientConn) {
	t.Helper()
	if err := testkitv1.RegisterThingServiceHandler(t.Context(), mux, conn); err != nil {
		t.Fatal(err)
	}
}

// newServer returns a gateway that uses all of this library.
func newServer(t testing.TB, conn *grpc.ClientConn) http.Handler {
	bridge := gateway.New()
	mux := bridge.NewServeMux()
	register(t, mux, conn)
	return bridge.Handler(mux)
}

// dial adds gateway.DialOptions to the connection.
var dial = contracttest.WithDialOptions(gateway.DialOptions()...)

// A log is a testing.TB that keeps the report.
type log struct {
	testing.TB
	failed bool
	text   string
}

func (l *log) Error(args ...any) { l.failed, l.text = true, args[0].(string) }

func (l *log) Log(args ...any) { l.text = args[0].(string) }

func (l *log) Fatal(args ...any) { l.Fatalf("%s", args...) }

func (l *log) Fatalf(format string, args ...any) {
	l.failed, l.text = true, fmt.Sprintf(format, args...)
	goruntime.Goexit()
}

// fatal returns the text with which Run ends a test.
func fatal(t *testing.T, newHandler func(*grpc.ClientConn) http.Handler, options ...contracttest.Option) string {
	t.Helper()
	l, done := &log{TB: t}, make(chan struct{})
	go func() {
		defer close(done)
		contracttest.Run(l, newHandler, options...)
	}()
	<-done
	return l.text
}

// TestFatal expects a clear text if Run cannot begin.
func TestFatal(t *testing.T) {
	handler := func(*grpc.ClientConn) http.Handler { return http.NotFoundHandler() }
	for want, got := range map[string]string{
		"contracttest: Run was given a nil function": fatal(t, nil),
		"contracttest: newHandler returned nil":      fatal(t, func(*grpc.ClientConn) http.Handler { return nil }),
		"contracttest: the fake backend does not start: grpc: ": fatal(t, handler,
			contracttest.WithDialOptions(grpc.WithDefaultServiceConfig("no JSON"))),
	} {
		if !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestCorrectServer(t *testing.T) {
	server := func(conn *grpc.ClientConn) http.Handler { return newServer(t, conn) }
	contracttest.Run(t, server, dial)
}

// TestTarget registers the services by the address of the connection.
func TestTarget(t *testing.T) {
	contracttest.Run(t, func(conn *grpc.ClientConn) http.Handler {
		return few(newServer(t, dialed(t, conn.Target())))
	})
}

// TestOptions gives the same options to the gateway and to Run.
func TestOptions(t *testing.T) {
	own := func(code codes.Code) (int, bool) {
		statuses := map[codes.Code]int{
			codes.ResourceExhausted: 429, 99: 402, codes.NotFound: 410, codes.InvalidArgument: 422, codes.Unknown: 400,
			codes.Unauthenticated: 403,
		}
		status, ok := statuses[code]
		return status, ok
	}
	contracttest.Run(t, func(conn *grpc.ClientConn) http.Handler {
		bridge := gateway.New(
			gateway.WithExtraStatuses(201, 402, 418),
			gateway.WithMappingFunc(own),
			gateway.WithStreamAbort(),
		)
		mux := bridge.NewServeMux()
		register(t, mux, conn)
		return few(bridge.Handler(mux))
	}, dial, contracttest.WithExtraStatuses(201, 402, 418), contracttest.WithMapping(own),
		contracttest.WithStreamAbort())
}

// TestAuthentication runs against a server that requires credentials.
func TestAuthentication(t *testing.T) {
	server := func(conn *grpc.ClientConn) http.Handler {
		bridge := gateway.New()
		mux := bridge.NewServeMux()
		register(t, mux, conn)
		return bridge.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer test" {
				bridge.WriteError(w, r, mapping.Errorf(http.StatusUnauthorized, "a token is required"))
				return
			}
			few(mux).ServeHTTP(w, r)
		}))
	}
	t.Run("with credentials", func(t *testing.T) {
		contracttest.Run(t, server, dial, contracttest.WithRequest(func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer test")
		}))
	})
	t.Run("without credentials", func(t *testing.T) {
		l := &log{TB: t}
		contracttest.Run(l, server, dial)
		if !l.failed || !strings.Contains(l.text, "nothing was tested") || !strings.Contains(l.text, "WithRequest") {
			t.Errorf("got %s", l.text)
		}
	})
}

// TestRoutesByHand registers a route without a google.api.http rule.
func TestRoutesByHand(t *testing.T) {
	for name, call := range map[string]bool{"that calls the backend": true, "that answers by itself": false} {
		t.Run(name, func(t *testing.T) {
			contracttest.Run(t, func(conn *grpc.ClientConn) http.Handler {
				bridge := gateway.New()
				mux := bridge.NewServeMux()
				client := testkitv1.NewThingServiceClient(conn)
				purge := func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
					if call {
						if _, err := client.Purge(r.Context(), &testkitv1.PurgeRequest{}); err != nil {
							bridge.WriteError(w, r, err)
							return
						}
					}
					w.WriteHeader(http.StatusOK)
				}
				if err := mux.HandlePath(http.MethodPost, "/hand", purge); err != nil {
					t.Fatal(err)
				}
				return bridge.Handler(mux)
			}, dial, contracttest.WithRoutes("POST /hand"))
		})
	}
}

// TestWithoutRule expects the reason in the report.
func TestWithoutRule(t *testing.T) {
	l := &log{TB: t}
	contracttest.Run(l, func(conn *grpc.ClientConn) http.Handler { return few(newServer(t, conn)) },
		dial, contracttest.WithoutRule("allow", "our proxy adds Allow"))
	if l.failed || !strings.Contains(l.text, "Not checked: allow (our proxy adds Allow)") {
		t.Errorf("got %s", l.text)
	}
}

// TestOptionsInvalid expects a panic for each invalid argument.
func TestOptionsInvalid(t *testing.T) {
	for name, mistake := range map[string]func(){
		"no such rule":    func() { contracttest.WithoutRule("alow", "typo") },
		"no reason":       func() { contracttest.WithoutRule("allow", " ") },
		"no path":         func() { contracttest.WithRoutes("GET") },
		"no method":       func() { contracttest.WithRoutes("/v1/things") },
		"status 199":      func() { contracttest.WithExtraStatuses(201, 199) },
		"status 600":      func() { contracttest.WithExtraStatuses(600) },
		"no slash":        func() { contracttest.WithRoutes("GET /v1/things", "GET v1/things") },
		"nil request":     func() { contracttest.WithRequest(nil) },
		"nil mapping":     func() { contracttest.WithMapping(nil) },
		"nil option":      func() { contracttest.Violations(&http.Response{}, nil, nil) },
		"nil handler":     func() { contracttest.Check(nil, func(contracttest.Violation) {}) },
		"nothing to call": func() { contracttest.RoundTripper(nil, nil) },
		"no function":     func() { contracttest.Check(http.NotFoundHandler(), nil) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if text, ok := recover().(string); !ok || !strings.HasPrefix(text, "contracttest: ") {
					t.Errorf("got %v", text)
				}
			}()
			mistake()
		})
	}
}

func dialed(t testing.TB, target string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(target, gateway.DialOptions(insecureCredentials)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// TestNoRoutes expects a failure if the handler serves no route of the linked services.
func TestNoRoutes(t *testing.T) {
	l := &log{TB: t}
	contracttest.Run(l, func(*grpc.ClientConn) http.Handler { return http.NotFoundHandler() })
	if !l.failed || !strings.Contains(l.text, "nothing was tested") {
		t.Errorf("got %s", l.text)
	}
}
