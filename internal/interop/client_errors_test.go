package interop

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// received is an error as the callers of a service receive it.
type received struct {
	exact      int        // HTTPStatus of mapping.FromError
	code       codes.Code // for gRPC callers
	httpStatus int        // for REST clients, like all members below
	message    string
	details    string
	retryAfter string
}

// says is an error whose message REST clients read.
func says(code codes.Code, httpStatus int, message string) received {
	return received{exact: httpStatus, code: code, httpStatus: httpStatus, message: message}
}

// hides is an error under which REST clients read the documented sentence.
func hides(code codes.Code, httpStatus int) received {
	return says(code, httpStatus, testkit.Meanings[httpStatus])
}

// from, with and after change the HTTPStatus of mapping.FromError, the details and Retry-After.
func (r received) from(httpStatus int) received     { r.exact = httpStatus; return r }
func (r received) with(details string) received     { r.details = details; return r }
func (r received) after(retryAfter string) received { r.retryAfter = retryAfter; return r }

// clientError is the error that a client of another library returned, and what its documentation promises.
type clientError struct {
	name string
	err  error
	want received
	row  string // names the error in docs/reading-errors.md, if it is shown there
}

// relay is a service that returns the error of a client, with a gateway before it.
type relay struct {
	testkitv1.UnimplementedThingServiceServer

	mu  sync.Mutex
	err error

	client testkitv1.ThingServiceClient
	url    string
}

func newRelay(t *testing.T) *relay {
	t.Helper()
	r := &relay{}
	conn := dial(t, testkit.ServeGRPC(t, r, mapping.ServerOptions()...))
	r.client = testkitv1.NewThingServiceClient(conn)
	r.url = serve(t, register(t, gateway.New().NewServeMux(), conn))
	return r
}

func (r *relay) Get(context.Context, *testkitv1.GetRequest) (*testkitv1.GetResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return nil, r.err
}

// send returns an error of the service as its callers receive it.
func (r *relay) send(t *testing.T, err error) received {
	t.Helper()
	r.mu.Lock()
	r.err = err
	r.mu.Unlock()
	_, sent := r.client.Get(t.Context(), &testkitv1.GetRequest{Id: 1})
	answer := newCaller(t).get(t, r.url+thingPath(1))
	check(t, answer, answer.status)
	body := answer.errorBody()
	return received{
		exact: mapping.FromError(err).HTTPStatus, code: status.Code(sent), httpStatus: answer.status,
		message: body.Message, details: body.Details, retryAfter: answer.header.Get("Retry-After"),
	}
}

// checkClientErrors returns each error from a service, also wrapped.
func checkClientErrors(t *testing.T, errs []clientError) {
	t.Helper()
	r := newRelay(t)
	for _, e := range errs {
		t.Run(e.name, func(t *testing.T) {
			if e.err == nil {
				t.Fatal("the client returned no error")
			}
			for name, err := range map[string]error{"": e.err, "wrapped": fmt.Errorf("load: %w", e.err)} {
				if diff := cmp.Diff(e.want, r.send(t, err), cmp.AllowUnexported(received{})); diff != "" {
					t.Errorf("%s %T %v (-want +got):\n%s", name, err, err, diff)
				}
			}
		})
	}
}

// clientCall makes a call with a client of another library and returns the error.
type clientCall func(ctx context.Context, url string) error

// call makes a call of a server.
func call(t *testing.T, c clientCall, server http.Handler) error {
	t.Helper()
	return c(t.Context(), serve(t, server))
}

// TestClientsWithoutResponse forwards the errors of calls that no server answered.
func TestClientsWithoutResponse(t *testing.T) {
	refused := "http://" + badpeer.Nowhere(t)
	expired, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	healthy := serve(t, respondWith(http.StatusOK, "{}"))
	for name, c := range map[string]clientCall{
		"client-go": getPod, "googleapi": getTasks, "gax": getCloud, "Twirp": orderHat, "connect-go": getConnect(),
		"connect-go, gRPC": getConnect(connect.WithGRPC()),
	} {
		t.Run(name, func(t *testing.T) {
			checkClientErrors(t, []clientError{
				{name: "refused", err: c(t.Context(), refused), want: hides(codes.Unavailable, 503)},
				{name: "expired", err: c(expired, healthy), want: hides(codes.DeadlineExceeded, 504)},
				{name: "cancelled", err: c(cancelled, healthy), want: hides(codes.Canceled, 503)},
			})
		})
	}
}

// respondWith is a server that sends one response.
func respondWith(httpStatus int, body string, header ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(httpStatus)
		_, _ = io.WriteString(w, body)
	})
}

// gatewayFor is a gateway whose backend sends a status for every path. The message is `the service says 409`.
func gatewayFor(t *testing.T, httpStatus int) http.Handler {
	t.Helper()
	mux := newMux(t, gateway.New())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Method, r.URL.Path, r.URL.RawQuery = http.MethodGet, thingPath(httpStatus), ""
		mux.ServeHTTP(w, r)
	})
}
