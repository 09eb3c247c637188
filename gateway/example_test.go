package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// show sends a request and prints what a client sees.
func show(handler http.Handler, method, path string) {
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(method, path, nil))
	fmt.Println(method, path, "->", recorder.Code)
	for _, name := range []string{"Allow", "Www-Authenticate"} {
		if value := recorder.Header().Get(name); value != "" {
			fmt.Println("  "+name+":", value)
		}
	}
	fmt.Println(" ", compact(recorder.Body.Bytes()))
}

// compact takes out of JSON the white space that protojson puts there, which differs from build to build.
func compact(text []byte) string {
	var b bytes.Buffer
	if json.Compact(&b, text) != nil {
		return string(text)
	}
	return b.String()
}

// registerProjects stands for the generated Register…Handler.
func registerProjects(mux *runtime.ServeMux) error {
	return mux.HandlePath(http.MethodGet, "/v1/projects/{id}", func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		_, marshaler := runtime.MarshalerForRequest(mux, r)
		err := status.Error(codes.FailedPrecondition, "the project is being deleted")
		if params["id"] == "broken" {
			err = errors.New("pq: password authentication failed for user postgres")
		}
		runtime.HTTPError(r.Context(), mux, marshaler, w, r, err)
	})
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

// Whatever the handlers of a server are, what leaves it is documented.
func ExampleHandler() {
	mux := gateway.New().NewServeMux()
	if err := registerProjects(mux); err != nil {
		panic(err)
	}
	// docs: handler
	root := http.NewServeMux()
	root.Handle("/v1/", mux)
	root.HandleFunc("GET /quota", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "quota of tenant 7 is used up", http.StatusTooManyRequests)
	})
	server := &http.Server{Handler: gateway.New().Handler(root)}
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

// A call takes ten seconds at most, and reading a thing far less.
func ExampleWithDeadline() {
	// docs: deadline
	mux := gateway.New(
		gateway.WithDeadline(10*time.Second),
		gateway.WithDeadline(20*time.Millisecond, "GET /v1/things/{id}"),
	).NewServeMux()
	// docs: end
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	service := &testkit.Service{}
	service.Behave(func(ctx context.Context) error {
		if method, _ := runtime.RPCMethod(ctx); strings.HasSuffix(method, "/Delete") {
			return nil
		}
		<-ctx.Done() // the database does not answer
		return ctx.Err()
	})
	if err := testkitv1.RegisterThingServiceHandlerServer(ctx, mux, service); err != nil {
		panic(err)
	}
	show(mux, "GET", "/v1/things/1")
	show(mux, "DELETE", "/v1/things/1")
	// Output:
	// GET /v1/things/1 -> 504
	//   {"code":504,"message":"The gateway timed out waiting for an upstream service."}
	// DELETE /v1/things/1 -> 200
	//   {}
}

// The table alone, in a mux that keeps the rest as it is.
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

// Registered alone, it answers with the right status, and cannot know which methods there are.
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

// Middleware in front of the mux answers as the mux does.
func ExampleBridge_WriteError() {
	authenticated := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") == "" {
				gateway.New().WriteError(w, r, mapping.Errorf(401, "no token was sent"))
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	show(authenticated(gateway.New().NewServeMux()), "GET", "/v1/projects/1")
	// Output:
	// GET /v1/projects/1 -> 401
	//   Www-Authenticate: Bearer
	//   {"code":401,"message":"no token was sent"}
}

// What a client is not told goes to the observer.
func ExampleWithObserver() {
	mux := gateway.New(
		gateway.WithObserver(func(_ context.Context, o gateway.Observation) {
			fmt.Println("observed:", o.HTTPStatus, o.GRPCCode, o.Route, o.Err)
		}),
	).NewServeMux()
	if err := registerProjects(mux); err != nil {
		panic(err)
	}
	show(mux, "GET", "/v1/projects/broken")
	// Output:
	// observed: 500 Unknown /v1/projects/{id=*} pq: password authentication failed for user postgres
	// GET /v1/projects/broken -> 500
	//   {"code":500,"message":"An unexpected server error occurred."}
}

// A team whose contract lists 429 too.
func ExampleWithMapping() {
	bridge := gateway.New(gateway.WithMapping(codes.ResourceExhausted, http.StatusTooManyRequests))
	mux := bridge.NewServeMux()
	err := mux.HandlePath(http.MethodGet, "/v1/projects", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		bridge.WriteError(w, r, status.Error(codes.ResourceExhausted, "ten requests a second"))
	})
	if err != nil {
		panic(err)
	}
	show(mux, "GET", "/v1/projects")
	// Output:
	// GET /v1/projects -> 429
	//   {"code":429,"message":"ten requests a second"}
}
