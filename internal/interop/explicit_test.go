package interop

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// lambda is a writer like those of adapters to serverless platforms. It takes the status from WriteHeader only, and
// sends every header in the map.
type lambda struct {
	header http.Header
	status int
	body   bytes.Buffer
	calls  int
}

func (w *lambda) Header() http.Header         { return w.header }
func (w *lambda) Write(p []byte) (int, error) { return w.body.Write(p) }
func (w *lambda) WriteHeader(httpStatus int) {
	w.calls++
	w.status = httpStatus
}

// TestExplicitStatus shows that WriteHeader is always called once, also for a handler that never calls it.
func TestExplicitStatus(t *testing.T) {
	bridge := gateway.New()
	m := newMux(t, bridge)
	implicit := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"thing":{}}`))
	})
	silent := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	hosts := map[string]http.Handler{"mux": m, "Handler": bridge.Handler(m)}
	for name, h := range hosts {
		for _, httpStatus := range documented {
			t.Run(fmt.Sprint(name, " ", httpStatus), func(t *testing.T) {
				w := invoke(t, h, http.MethodGet, thingPath(httpStatus))
				check(t, reply{status: w.status, header: w.header, body: w.body.Bytes()}, httpStatus)
			})
		}
		t.Run(name+" stream", func(t *testing.T) {
			w := invoke(t, h, http.MethodGet, watchPath(2200))
			if w.header.Get("Transfer-Encoding") != "" {
				t.Error("the header map has Transfer-Encoding")
			}
		})
		t.Run(name+" HEAD", func(t *testing.T) {
			for _, httpStatus := range documented {
				w := invoke(t, h, http.MethodHead, thingPath(httpStatus))
				if w.status != httpStatus || w.body.Len() > 0 {
					t.Errorf("status %d, want %d, %d bytes", w.status, httpStatus, w.body.Len())
				}
			}
		})
	}
	for name, h := range map[string]http.Handler{"an implied 200": implicit, "a handler that writes nothing": silent} {
		t.Run(name, func(t *testing.T) {
			if w := invoke(t, bridge.Handler(h), http.MethodGet, "/"); w.status != http.StatusOK {
				t.Errorf("status %d", w.status)
			}
		})
	}
}

func invoke(t *testing.T, h http.Handler, method, path string) *lambda {
	t.Helper()
	w := &lambda{header: http.Header{}}
	h.ServeHTTP(w, httptest.NewRequest(method, path, http.NoBody))
	if w.calls != 1 {
		t.Errorf("WriteHeader was called %d times", w.calls)
	}
	return w
}

// accessLog records the status of WriteHeader, as small access logs do.
func accessLog(next http.Handler, log chan<- int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := &testkit.LogWriter{ResponseWriter: w}
		next.ServeHTTP(recorder, r)
		log <- recorder.Status
	})
}

// undocumented sends statuses that Handler translates.
func undocumented(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/busy":
		http.Error(w, "busy", http.StatusTooManyRequests)
	case "/type":
		http.Error(w, "wrong type", http.StatusUnsupportedMediaType)
	default:
		_, _ = w.Write([]byte("ok"))
	}
}

// TestAccessLog shows that a log around Handler records the status that the client got.
func TestAccessLog(t *testing.T) {
	bridge := gateway.New()
	log := make(chan int, 1)
	m := newMux(t, bridge)
	top := http.NewServeMux()
	top.Handle("/v1/", m)
	top.HandleFunc("/", undocumented)
	url := serve(t, accessLog(bridge.Handler(top), log))
	c := newCaller(t)
	paths := []string{"/busy", "/type", "/ok", "/v1/nowhere", watchPath(2200)}
	for _, httpStatus := range documented {
		paths = append(paths, thingPath(httpStatus))
	}
	for _, path := range paths {
		r := c.get(t, url+path)
		if logged := <-log; logged != r.status {
			t.Errorf("%s: the client got %d, the log has %d", path, r.status, logged)
		}
	}
	if r := c.get(t, url+"/busy"); r.status != http.StatusServiceUnavailable {
		t.Errorf("429 inside Handler: %v", r)
	}
}

// TestOTelHTTP shows the same for otelhttp: around Handler it records the client's status.
func TestOTelHTTP(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	t.Cleanup(func() { _ = provider.Shutdown(context.WithoutCancel(t.Context())) })
	bridge := gateway.New()
	top := http.NewServeMux()
	top.Handle("/v1/", newMux(t, bridge))
	top.HandleFunc("/", undocumented)
	url := serve(t, otelhttp.NewHandler(bridge.Handler(top), "gateway", otelhttp.WithTracerProvider(provider)))
	c := newCaller(t)
	paths := []string{"/busy", "/type", "/ok", thingPath(200), thingPath(202), thingPath(409), thingPath(502)}
	for _, path := range paths {
		spans.Reset()
		r := c.get(t, url+path)
		recorded := 0
		for range 100 { // the span ends just after the client has its response
			if got := spans.GetSpans(); len(got) == 1 {
				for _, attribute := range got[0].Attributes {
					if attribute.Key == "http.response.status_code" {
						recorded = int(attribute.Value.AsInt64())
					}
				}
				break
			}
			pause()
		}
		if recorded != r.status {
			t.Errorf("%s: the client got %d, the span has %d", path, r.status, recorded)
		}
	}
}
