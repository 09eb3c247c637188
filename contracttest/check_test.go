package contracttest_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/statusbridge/statusbridge/contracttest"
	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

var insecureCredentials = grpc.WithTransportCredentials(insecure.NewCredentials())

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// limiter is a rate limiter whose 429 breaks the contract.
var limiter = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "slow down", http.StatusTooManyRequests)
})

var limiterBreaks = []string{"body-json", "documented-status", "media-type"}

// names returns the rules of violations, except rules that depend on the host of the handler.
func names(violations []contracttest.Violation) []string {
	var all []string
	for _, v := range violations {
		if v.Rule != "content-length" {
			all = append(all, v.Rule)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestCheck(t *testing.T) {
	var got []contracttest.Violation
	note := func(v contracttest.Violation) { got = append(got, v) }
	check := func(h http.Handler, method, target string) *httptest.ResponseRecorder {
		got = nil
		w := httptest.NewRecorder()
		contracttest.Check(h, note).ServeHTTP(w, httptest.NewRequest(method, target, strings.NewReader("{}")))
		return w
	}
	t.Run("limiter", func(t *testing.T) {
		w := check(limiter, http.MethodGet, "/v1/things/7")
		if w.Code != 429 || w.Body.String() != "slow down\n" {
			t.Errorf("the response was changed: %d %q", w.Code, w.Body)
		}
		if rules := names(got); !slices.Equal(rules, limiterBreaks) {
			t.Errorf("got %v", rules)
		}
		if v := got[0]; !strings.HasPrefix(v.Request, "GET /v1/things/7 HTTP/1.1") || v.Document == "" ||
			!strings.Contains(v.Response, "429 Too Many Requests") || !strings.Contains(v.String(), "  < slow down") {
			t.Errorf("got %v", v)
		}
	})
	t.Run("correct server in process", func(t *testing.T) {
		bridge := gateway.New()
		server := bridge.Handler(testkit.Register(t, testkit.Network, &testkit.Service{}, bridge.NewServeMux()))
		for _, target := range []string{
			"GET /v1/things/7", "HEAD /v1/things/7", "BREW /v1/things/7", "GET /v1/nothing", "HEAD /v1/nothing",
			"GET /v1/things/x", "POST /v1/things/7:suspend", "DELETE /v1/things/7",
		} {
			method, path, _ := strings.Cut(target, " ")
			check(server, method, path)
			if rules := names(got); len(rules) > 0 {
				t.Errorf("%s: got %v", target, rules)
			}
		}
	})
	t.Run("other protocols", func(t *testing.T) {
		check(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/grpc-web+proto")
			w.Header().Set("Grpc-Status", "5")
			w.WriteHeader(http.StatusUnsupportedMediaType)
		}), http.MethodPost, "/a.B/C")
		if len(got) > 0 {
			t.Errorf("got %v", got)
		}
	})
	t.Run("abort after the first byte", func(t *testing.T) {
		defer func() {
			_ = recover()
			// The body may be incomplete, so it is not judged.
			want := []string{"documented-status: the status 418 is not documented"}
			if !slices.Equal(texts(got), want) {
				t.Errorf("got %q", texts(got))
			}
		}()
		check(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "99")
			w.WriteHeader(http.StatusTeapot)
			_, _ = io.WriteString(w, `{"co`)
			panic(http.ErrAbortHandler)
		}), "GET", "/")
	})
	t.Run("the header is what was sent", func(t *testing.T) {
		for name, send := range map[string]func(http.ResponseWriter){
			"WriteHeader": func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK) },
			"Write":       func(w http.ResponseWriter) { _, _ = io.WriteString(w, "{}") },
			"Flush":       func(w http.ResponseWriter) { w.(http.Flusher).Flush() },
			"controller":  func(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() },
		} {
			w := check(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusEarlyHints)
				w.Header().Set("Grpc-Status", "0")
				send(w)
				w.Header().Set("Trace-Bin", "AA")
				w.WriteHeader(http.StatusTeapot)
			}), "GET", "/")
			if want := []string{"grpc-header: the response has Grpc-Status"}; !slices.Equal(texts(got), want) {
				t.Errorf("%s: got %q", name, texts(got))
			}
			if w.Flushed != (name == "Flush" || name == "controller") {
				t.Errorf("%s: flushed is %v", name, w.Flushed)
			}
		}
	})
	t.Run("hijacking fails", func(t *testing.T) {
		check(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if _, _, err := w.(http.Hijacker).Hijack(); err == nil {
				t.Error("a recorder has no connection")
			}
			w.WriteHeader(http.StatusTeapot)
		}), "GET", "/")
		if !hasRule(texts(got), "documented-status") {
			t.Errorf("got %q", texts(got))
		}
	})
	t.Run("switching protocols", func(t *testing.T) {
		check(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Upgrade", "websocket")
			w.WriteHeader(http.StatusSwitchingProtocols)
		}), "GET", "/")
		if len(got) > 0 {
			t.Errorf("got %q", texts(got))
		}
	})
	t.Run("abort", func(t *testing.T) {
		defer func() {
			reason := recover()
			if reason != http.ErrAbortHandler || len(got) > 0 { //nolint:errorlint // net/http compares so
				t.Errorf("recovered %v, got %v", reason, got)
			}
		}()
		check(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), "GET", "/")
	})
}

// TestCheckHijack expects that a handler can hijack the connection through Check.
func TestCheckHijack(t *testing.T) {
	server := httptest.NewServer(contracttest.Check(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Grpc-Status", "0") // it is not sent
		connection, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(connection, "HTTP/1.1 299 Mine\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		_ = connection.Close()
	}), func(v contracttest.Violation) { t.Error(v) }))
	defer server.Close()
	connection, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	_, _ = io.WriteString(connection, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if line, _ := bufio.NewReader(connection).ReadString('\n'); line != "HTTP/1.1 299 Mine\r\n" {
		t.Errorf("got %q", line)
	}
}

// TestCheckUnwrap expects that a handler reaches the other methods of the server's writer.
func TestCheckUnwrap(t *testing.T) {
	var duplex error
	server := httptest.NewServer(contracttest.Check(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		duplex = http.NewResponseController(w).EnableFullDuplex()
	}), func(v contracttest.Violation) { t.Error(v) }))
	defer server.Close()
	response, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if duplex != nil {
		t.Errorf("EnableFullDuplex: %v", duplex)
	}
}

func TestViolations(t *testing.T) {
	w := httptest.NewRecorder()
	limiter(w, nil)
	if rules := names(contracttest.Violations(w.Result(), w.Body.Bytes())); !slices.Equal(rules, limiterBreaks) {
		t.Errorf("got %v", rules)
	}
	allowed := contracttest.WithExtraStatuses(429)
	rules := names(contracttest.Violations(w.Result(), w.Body.Bytes(), allowed))
	if slices.Contains(rules, "documented-status") {
		t.Errorf("got %v", rules)
	}
}
