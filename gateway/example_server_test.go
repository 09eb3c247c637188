package gateway_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing/fstest"

	"github.com/statusbridge/statusbridge/gateway"
)

// A file server needs 206 and 416 for ranges, which are not documented.
func ExampleBridge_Handler_ranges() {
	files := http.FileServerFS(fstest.MapFS{"video": {Data: []byte("0123456789")}})

	for _, bridge := range []*gateway.Bridge{gateway.New(), gateway.New(gateway.WithExtraStatuses(206, 416))} {
		for _, ranges := range []string{"bytes=4-6", "bytes=99-"} {
			request := httptest.NewRequest(http.MethodGet, "/video", nil)
			request.Header.Set("Range", ranges)
			recorder := httptest.NewRecorder()
			bridge.Handler(files).ServeHTTP(recorder, request)
			fmt.Println(ranges, "->", recorder.Code, recorder.Header().Get("Content-Range"), recorder.Body)
		}
	}
	// Output:
	// bytes=4-6 -> 200  0123456789
	// bytes=99- -> 200  0123456789
	// bytes=4-6 -> 206 bytes 4-6/10 456
	// bytes=99- -> 416 bytes */10 {"code":416,"message":"invalid range: failed to overlap"}
}

// A handler serves several requests in one, each of them with a recorder.
func ExampleBridge_Handler_batch() {
	bridge := gateway.New()
	mux := bridge.NewServeMux()
	if err := registerProjects(mux); err != nil {
		panic(err)
	}
	batch := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, path := range []string{"/v1/projects/1", "/nowhere"} {
			part := httptest.NewRecorder()
			request := r.Clone(r.Context())
			request.URL.Path = path
			mux.ServeHTTP(part, request)
			_, _ = fmt.Fprintln(w, part.Code, part.Body)
		}
	})

	show(bridge.Handler(batch), "GET", "/batch")
	// Output:
	// GET /batch -> 200
	//   409 {"code":409,"message":"the project is being deleted"}
	// 404 {"code":404,"message":"The requested resource does not exist."}
}

// An access log around Handler records the status that the client receives.
func ExampleBridge_Handler_accessLog() {
	limited := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "slow down", http.StatusTooManyRequests)
	})
	bridge := gateway.New()

	handler := accessLog("outside", bridge.Handler(accessLog("inside", limited)))
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/v1/things/1", nil))
	// Output:
	// inside: 429
	// outside: 503
}

// accessLog prints the status of each response.
func accessLog(name string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		logged := &loggedWriter{ResponseWriter: w}
		next.ServeHTTP(logged, r)
		fmt.Printf("%s: %d\n", name, logged.status)
	})
}

type loggedWriter struct {
	http.ResponseWriter
	status int
}

func (w *loggedWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *loggedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// A proxy to a legacy backend inside Handler sends 502, 503 and 504 with origin upstream. Nobody listens on this port.
func ExampleBridge_WriteError_reverseProxy() {
	bridge := gateway.New(gateway.WithObserver(func(_ context.Context, o gateway.Observation) {
		fmt.Println("origin:", o.Origin)
	}))
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "127.0.0.1:1"})
	proxy.ErrorHandler = bridge.WriteError

	show(bridge.Handler(proxy), "GET", "/legacy")
	// Output:
	// origin: upstream
	// GET /legacy -> 503
	//   {"code":503,"message":"The service is temporarily unavailable or an internal service dependency is failing."}
}
