package upstream_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/internal/upstream"
)

// TestSourcesOfRequests sends requests that grpc-gateway refuses before it calls the service, and requests to a service
// that runs in the gateway's process.
func TestSourcesOfRequests(t *testing.T) {
	for _, transport := range testkit.Transports {
		for _, c := range []struct {
			name, method, path, body string
			behave                   testkit.Behaviour
			want                     string
		}{
			{"a success", "GET", "/v1/things/1", "", nil, ""},
			{"no such route", "GET", "/v1/nothing", "", nil, "404 request"},
			{"no such method", "TRACE", "/v1/things/1", "", nil, "501 gateway"},
			{"a malformed path", "GET", "/v1/things/1:a:b", "", nil, "400 request"},
			{"a malformed parameter", "GET", "/v1/things/one", "", nil, "400 request"},
			{"a malformed body", "POST", "/v1/things", "{", nil, "400 request"},
			{"NotFound", "GET", "/v1/things/1", "", testkit.Fails(testkit.ErrNotFound), "404 backend"},
			{"a Go error", "GET", "/v1/things/1", "", testkit.Fails(errors.New("out of memory")), "500 backend"},
			{"InvalidArgument", "GET", "/v1/things/1", "",
				testkit.Fails(status.Error(codes.InvalidArgument, "too many things")), "400 backend"},
		} {
			t.Run(fmt.Sprint(transport, "/", c.name), func(t *testing.T) {
				s := &testkit.Service{}
				s.Behave(c.behave)
				var seen diagnosis
				mux := testkit.Register(t, transport, s, seen.newMux())
				mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(c.method, c.path, strings.NewReader(c.body)))
				if seen.text != c.want {
					t.Errorf("%q of %v, want %q", seen.text, seen.err, c.want)
				}
			})
		}
	}
}

// TestOwnCode diagnoses errors that code of the gateway's process passes on.
func TestOwnCode(t *testing.T) {
	tooLong := &http.MaxBytesError{Limit: 3}
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"a status", status.Error(codes.Unauthenticated, "no token"), "401 gateway"},
		{"a Go error", errors.New("out of memory"), "500 gateway"},
		{"a request over a limit", fmt.Errorf("upload: %w", tooLong), tooLarge},
		{
			"a request over a limit, with a status",
			fmt.Errorf("%w: %w", status.Error(codes.OutOfRange, "too long"), tooLong), "400 gateway",
		},
	} {
		if got := diagnose(c.err, upstream.OwnCode()); got.text != c.want {
			t.Errorf("%s: %q, want %q", c.name, got.text, c.want)
		}
	}
}

// channel is a client in this process that is not a connection. Each call fails with its error.
type channel struct {
	grpc.ClientConnInterface

	err error
}

func (c channel) Invoke(context.Context, string, any, any, ...grpc.CallOption) error { return c.err }

// TestSourcesOfChannels registers a client that is not a connection. Its statuses are the service's, except for the
// texts with which grpc-go reports a connection that was not ready.
func TestSourcesOfChannels(t *testing.T) {
	for _, c := range []struct {
		code codes.Code
		text string
		want string
	}{
		{codes.NotFound, "no such thing", "404 backend"},
		{codes.Unavailable, "the shop is closed", "503 backend"},
		{codes.Unavailable, "write tcp 192.0.2.1:4->192.0.2.1:5: write: broken pipe", "503 upstream"},
		{codes.Aborted, "write down: the thing has changed", "409 backend"},
		{codes.Unavailable, "connection error: desc = x", "503 upstream"},
		{codes.InvalidArgument, "unexpected EOF", "400 request"},
		{codes.Internal, "http: request body too large", "500 backend"},
	} {
		var seen diagnosis
		mux := seen.newMux()
		client := testkitv1.NewThingServiceClient(channel{err: status.Error(c.code, c.text)})
		if err := testkitv1.RegisterThingServiceHandlerClient(t.Context(), mux, client); err != nil {
			t.Fatal(err)
		}
		mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/v1/things/1", http.NoBody))
		if seen.text != c.want {
			t.Errorf("%v %q: %q, want %q", c.code, c.text, seen.text, c.want)
		}
	}
}
