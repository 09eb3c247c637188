package mapping_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/mapping"
)

// A gRPC service that calls a REST API returns its errors with two functions: FromResponse for a response, and
// FromError if there was none.
func ExampleFromResponse() {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `{"code":503,"message":"the scheduler is restarting","details":"node pool: a"}`)
	}))
	deleteProject := func(ctx context.Context, id string) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodDelete, api.URL+"/projects/"+id, nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return mapping.FromError(err)
		}
		defer func() { _ = response.Body.Close() }()
		return mapping.FromResponse(response)
	}

	err := deleteProject(context.Background(), "7")
	fmt.Println(status.Code(err), "/", mapping.FromError(err).Details)

	api.Close()
	err = deleteProject(context.Background(), "7")
	fmt.Println(status.Code(err), "/", mapping.FromError(err).Message)
	// Output:
	// Unavailable / node pool: a
	// Unavailable / The service is temporarily unavailable or an internal service dependency is failing.
}

// A proxy's HTML keeps its status. Its text goes to the log, and not to the client.
func ExampleFromResponse_proxy() {
	e := mapping.FromError(mapping.FromResponse(&http.Response{
		Status:     "502 Bad Gateway",
		StatusCode: http.StatusBadGateway,
		Header:     http.Header{"Content-Type": {"text/html"}},
		Body:       io.NopCloser(strings.NewReader("<h1>502 Bad Gateway</h1> nginx at 10.0.0.7")),
	}))
	fmt.Println("client reads:", e.HTTPStatus, e.Message)
	fmt.Println("log says:", e.Unwrap())
	// Output:
	// client reads: 502 The gateway received an invalid response from an upstream service.
	// log says: the response is "502 Bad Gateway" with "<h1>502 Bad Gateway</h1> nginx at 10.0.0.7"
}

// A grpc-gateway without this library sends the gRPC code in the body, which is more exact than the status.
func ExampleFromResponse_grpcGateway() {
	err := mapping.FromResponse(&http.Response{
		StatusCode: http.StatusBadRequest,
		Header:     http.Header{"Content-Type": {"application/json"}},
		Body:       io.NopCloser(strings.NewReader(`{"code":9,"message":"the project is not empty","details":[]}`)),
	})
	fmt.Println(status.Code(err), mapping.GRPCCode(http.StatusBadRequest), status.Code(err) == codes.FailedPrecondition)
	// Output: FailedPrecondition InvalidArgument true
}

// A client that has read the body passes it on. A Kubernetes API says here which gRPC code it means.
func ExampleFromHTTP() {
	err := mapping.FromHTTP(409, http.Header{"Retry-After": {"5"}},
		[]byte(`{"kind":"Status","reason":"AlreadyExists","message":"pods \"a\" already exists","code":409}`))
	fmt.Println(status.Code(err), "/", mapping.FromError(err).Message)

	// The last message of a stream has its status inside.
	err = mapping.FromHTTP(0, nil, []byte(`{"error":{"code":504,"message":"the node did not answer"}}`))
	fmt.Println(status.Code(err), "/", mapping.FromError(err).Message)
	// Output:
	// AlreadyExists / pods "a" already exists
	// DeadlineExceeded / the node did not answer
}
