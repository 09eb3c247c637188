package gateway_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/mapping"
)

// show sends a request and prints what a client sees.
func show(handler http.Handler, method, path string) {
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(method, path, nil))
	fmt.Println(method, path, "->", recorder.Code)
	for _, name := range []string{"Allow", "Www-Authenticate", "Retry-After", "X-Request-Id"} {
		if value := recorder.Header().Get(name); value != "" {
			fmt.Println("  "+name+":", value)
		}
	}
	fmt.Println(" ", compact(recorder.Body.Bytes()))
}

// compact removes the white space of protojson, which differs from build to build.
func compact(text []byte) string {
	var b bytes.Buffer
	if json.Compact(&b, text) != nil {
		return string(text)
	}
	return b.String()
}

// registerProjects takes the place of a generated registration.
func registerProjects(mux *runtime.ServeMux) error {
	get := func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		_, marshaler := runtime.MarshalerForRequest(mux, r)
		err := status.Error(codes.FailedPrecondition, "the project is being deleted")
		if params["id"] == "broken" {
			err = errors.New("pq: password authentication failed for user postgres")
		}
		runtime.HTTPError(r.Context(), mux, marshaler, w, r, err)
	}
	return mux.HandlePath(http.MethodGet, "/v1/projects/{id}", get)
}

// One bridge serves the mux and everything around it.
func ExampleNew() {
	bridge := gateway.New(gateway.WithObserver(gateway.LogObserver(slog.New(slog.DiscardHandler))))
	mux := bridge.NewServeMux()
	if err := registerProjects(mux); err != nil {
		panic(err)
	}
	server := &http.Server{Handler: bridge.Handler(mux)}

	show(server.Handler, "GET", "/v1/projects/1")
	// Output:
	// GET /v1/projects/1 -> 409
	//   {"code":409,"message":"the project is being deleted"}
}

func ExampleBridge_NewServeMux() {
	mux := gateway.New().NewServeMux()
	if err := registerProjects(mux); err != nil {
		panic(err)
	}
	show(mux, "GET", "/v1/projects/1")
	show(mux, "GET", "/v1/projects/broken")
	show(mux, "DELETE", "/v1/projects/1")
	show(mux, "GET", "/v1/nothing")
	// Output:
	// GET /v1/projects/1 -> 409
	//   {"code":409,"message":"the project is being deleted"}
	// GET /v1/projects/broken -> 500
	//   {"code":500,"message":"An unexpected server error occurred."}
	// DELETE /v1/projects/1 -> 405
	//   Allow: GET
	//   {"code":405,"message":"The method is not allowed for this endpoint."}
	// GET /v1/nothing -> 404
	//   {"code":404,"message":"The requested resource does not exist."}
}

// Some frameworks make the mux themselves and take options for it.
func ExampleBridge_ServeMuxOptions() {
	newFrameworkMux := runtime.NewServeMux // a framework would add options

	mux := newFrameworkMux(gateway.New().ServeMuxOptions()...)
	show(mux, "GET", "/v1/nothing")
	// Output:
	// GET /v1/nothing -> 404
	//   {"code":404,"message":"The requested resource does not exist."}
}

// Every response of the server is documented, whichever handler sends it.
func ExampleBridge_Handler() {
	bridge := gateway.New()
	mux := bridge.NewServeMux()
	if err := registerProjects(mux); err != nil {
		panic(err)
	}
	// docs: handler
	root := http.NewServeMux()
	root.Handle("/v1/", mux)
	root.HandleFunc("GET /quota", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "quota of tenant 7 is used up", http.StatusTooManyRequests)
	})
	server := &http.Server{Handler: bridge.Handler(root)}
	// docs: end

	show(server.Handler, "GET", "/v1/projects/1")
	show(server.Handler, "GET", "/quota")
	show(server.Handler, "POST", "/quota")
	// Output:
	// GET /v1/projects/1 -> 409
	//   {"code":409,"message":"the project is being deleted"}
	// GET /quota -> 503
	//   {"code":503,"message":"The service is temporarily unavailable or an internal service dependency is failing."}
	// POST /quota -> 405
	//   Allow: GET, HEAD
	//   {"code":405,"message":"The method is not allowed for this endpoint."}
}

// Middleware before the mux sends the same errors as the mux.
func ExampleBridge_WriteError() {
	bridge := gateway.New()
	authenticated := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") == "" {
				bridge.WriteError(w, r, mapping.Errorf(401, "no token was sent"))
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	show(authenticated(bridge.NewServeMux()), "GET", "/v1/projects/1")
	// Output:
	// GET /v1/projects/1 -> 401
	//   Www-Authenticate: Bearer
	//   {"code":401,"message":"no token was sent"}
}

// The status table alone, in a mux that is otherwise unchanged.
func ExampleErrorHandler() {
	mux := runtime.NewServeMux(runtime.WithErrorHandler(gateway.ErrorHandler))
	if err := registerProjects(mux); err != nil {
		panic(err)
	}
	show(mux, "GET", "/v1/projects/1")
	// Output:
	// GET /v1/projects/1 -> 409
	//   {"code":409,"message":"the project is being deleted"}
}

// Registered by hand, the handler sends the right status. It cannot know the methods for Allow.
func ExampleRoutingErrorHandler() {
	mux := runtime.NewServeMux(
		runtime.WithErrorHandler(gateway.ErrorHandler),
		runtime.WithRoutingErrorHandler(gateway.RoutingErrorHandler),
		runtime.WithDisablePathLengthFallback(),
	)
	if err := registerProjects(mux); err != nil {
		panic(err)
	}
	show(mux, "PATCH", "/v1/projects/1")
	show(mux, "GET", "/v1/nothing")
	// Output:
	// PATCH /v1/projects/1 -> 405
	//   {"code":405,"message":"The method is not allowed for this endpoint."}
	// GET /v1/nothing -> 404
	//   {"code":404,"message":"The requested resource does not exist."}
}
