package statusconnect_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// sentence is the documented text of a status, which clients read under a 5xx.
func sentence(httpStatus int) string {
	for _, row := range mapping.Rows() {
		if row.HTTPStatus == httpStatus {
			return row.Meaning
		}
	}
	return ""
}

// errorBody is the documented error body.
func errorBody(httpStatus int, message, details string) string {
	if details != "" {
		return fmt.Sprintf(`{"code":%d,"message":%q,"details":%q}`, httpStatus, message, details)
	}
	return fmt.Sprintf(`{"code":%d,"message":%q}`, httpStatus, message)
}

// own returns a connect error with a detail, which becomes Retry-After, and with metadata.
func own(t *testing.T, code connect.Code, message string) *connect.Error {
	t.Helper()
	e := connect.NewError(code, errors.New(message))
	detail, err := connect.NewErrorDetail(&errdetails.RetryInfo{RetryDelay: durationpb.New(7 * time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	e.AddDetail(detail)
	e.Meta().Set("x-request-id", "r7")
	return e
}

// TestErrors expects the documented status for each error of a service, for each kind of method.
func TestErrors(t *testing.T) {
	exact := &mapping.Error{HTTPStatus: 502, Message: "the store is away", Details: "store: eu-1"}
	taken := connect.NewError(connect.CodeAlreadyExists, errors.New("taken"))
	long := strings.Repeat("long ", 20_000)
	cases := map[string]struct {
		err            error
		httpStatus     int
		message        string // as in the body; "" is the documented sentence
		details        string
		code           codes.Code // as the gateway's observer reads it
		text           string     // in the error that the observer reads
		retryAfter     string
		withoutMessage bool // the message is long and is cut
	}{
		"an exact 405": {
			err:        mapping.Errorf(405, "read-only"),
			httpStatus: 405, message: "read-only", code: codes.Unimplemented,
		},
		"an exact 502": {
			err:        exact,
			httpStatus: 502, message: "the store is away", details: "store: eu-1", code: codes.Unavailable,
		},
		"a wrapped exact status": {
			err:        fmt.Errorf("save: %w", exact),
			httpStatus: 502, message: "the store is away", details: "store: eu-1", code: codes.Unavailable,
		},
		"an exact status around a connect error": {
			err:        mapping.Errorf(405, "read-only: %w", taken),
			httpStatus: 405, message: "read-only", code: codes.Unimplemented,
		},
		"a hidden cause": {
			err:        mapping.Errorf(503, "the store is away: %w", errors.New("10.0.0.3")),
			httpStatus: 503, message: "the store is away", code: codes.Unavailable,
		},
		"a status of no error": {
			err:        &mapping.Error{HTTPStatus: 200},
			httpStatus: 500, code: codes.Internal,
		},
		"a nil Error": {err: (*mapping.Error)(nil), httpStatus: 500, code: codes.Internal},
		"a grpc-go status": {
			err:        status.Error(codes.NotFound, "no thing 7"),
			httpStatus: 404, message: "no thing 7", code: codes.NotFound,
		},
		"a wrapped grpc-go status": {
			err:        fmt.Errorf("repo: %w", status.Error(codes.NotFound, "no thing 7")),
			httpStatus: 404, message: "no thing 7", code: codes.NotFound,
		},
		"an undefined code": {
			err:        status.Error(77, "own"),
			httpStatus: 500, code: 77, text: "own",
		},
		"a connect error": {
			err:        own(t, connect.CodeFailedPrecondition, "in use"),
			httpStatus: 409, message: "in use", code: codes.FailedPrecondition, retryAfter: "7",
		},
		"a wrapped connect error": {
			err:        fmt.Errorf("x: %w", own(t, connect.CodeFailedPrecondition, "in use")),
			httpStatus: 409, message: "in use", code: codes.FailedPrecondition, retryAfter: "7",
		},
		"a connect error around an exact status": {
			err:        connect.NewError(connect.CodeNotFound, exact),
			httpStatus: 404, message: exact.Error(), code: codes.NotFound,
		},
		"a connect error under a 5xx": {
			err:        own(t, connect.CodeInternal, "dial 10.0.0.3"),
			httpStatus: 500, code: codes.Internal, text: "dial 10.0.0.3", retryAfter: "7",
		},
		"a connect error with code 0": {
			err:        connect.NewError(0, errors.New("no code")),
			httpStatus: 500, code: codes.Internal, text: "no code",
		},
		"a long connect error": {
			err:        own(t, connect.CodeNotFound, long),
			httpStatus: 404, withoutMessage: true, code: codes.NotFound, retryAfter: "7",
		},
		"a plain Go error": {
			err:        errors.New("pq: tenant 7"),
			httpStatus: 500, code: codes.Unknown, text: "pq: tenant 7",
		},
		"a passed deadline": {
			err:        context.DeadlineExceeded,
			httpStatus: 504, code: codes.DeadlineExceeded,
		},
		"a wrapped deadline": {
			err:        fmt.Errorf("db: %w", context.DeadlineExceeded),
			httpStatus: 504, code: codes.DeadlineExceeded,
		},
		"a cancellation": {
			err:        fmt.Errorf("db: %w", context.Canceled),
			httpStatus: 503, code: codes.Canceled,
		},
		"an exact status beside a context error": {
			err:        errors.Join(context.Canceled, mapping.Errorf(405, "read-only")),
			httpStatus: 405, message: "read-only", code: codes.Unimplemented,
		},
	}
	for name, c := range cases {
		var observed observations
		address := serve(t, func(context.Context) error { return c.err }, intercepted())
		url := newGateway(t, address, gateway.WithObserver(observed.add))
		for kind, call := range routes {
			t.Run(name+"/"+kind, func(t *testing.T) {
				r := call(t, url)
				message := c.message
				if message == "" {
					message = sentence(c.httpStatus)
				}
				switch want := errorBody(c.httpStatus, message, c.details); {
				case r.status != c.httpStatus:
					t.Errorf("status %d, want %d: %s", r.status, c.httpStatus, r.body)
				case c.withoutMessage && (!strings.Contains(r.body, "long long") || len(r.body) > 4096):
					t.Errorf("the message has %d bytes", len(r.body))
				case !c.withoutMessage && r.body != want:
					t.Errorf("body %s, want %s", r.body, want)
				}
				if got := r.header.Get("Retry-After"); got != c.retryAfter {
					t.Errorf("Retry-After %q, want %q", got, c.retryAfter)
				}
				o := observed.take(t)
				if o.GRPCCode != c.code || o.Origin != gateway.OriginBackend ||
					!strings.Contains(o.Err.Error(), c.text) {
					t.Errorf("observed %v %q from %v, want %v and %q", o.GRPCCode, o.Err, o.Origin, c.code, c.text)
				}
			})
		}
	}
}

// TestWithoutInterceptor records what connect-go sends alone: an exact status is lost.
func TestWithoutInterceptor(t *testing.T) {
	url := newGateway(t, serve(t, func(context.Context) error { return mapping.Errorf(405, "read-only") }))
	for kind, call := range routes {
		if r := call(t, url); r.status != http.StatusInternalServerError {
			t.Errorf("%s: status %d, want 500", kind, r.status)
		}
	}
}

// TestMeta keeps the metadata of a connect error, also if its message is cut.
func TestMeta(t *testing.T) {
	for _, message := range []string{"in use", strings.Repeat("long ", 20_000)} {
		address := serve(t, func(context.Context) error { return own(t, connect.CodeNotFound, message) }, intercepted())
		conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			t.Fatal(err)
		}
		var trailer metadata.MD
		_, err = testkitv1.NewThingServiceClient(conn).Get(t.Context(), &testkitv1.GetRequest{}, grpc.Trailer(&trailer))
		got := trailer.Get("x-request-id")
		if status.Code(err) != codes.NotFound || !slices.Equal(got, []string{"r7"}) {
			t.Errorf("%v with the metadata %v", status.Code(err), got)
		}
		_ = conn.Close()
	}
}

// TestChallenge sends the challenge that a handler sets with grpc.SetHeader. net/http refuses it as a trailer, and
// therefore in the metadata of a connect error.
func TestChallenge(t *testing.T) {
	const challenge = `Bearer realm="things"`
	url := newGateway(t, serve(t, func(ctx context.Context) error {
		if err := grpc.SetHeader(ctx, metadata.Pairs("www-authenticate", challenge)); err != nil {
			return err
		}
		return mapping.Errorf(401, "no token")
	}, intercepted()))
	for kind, call := range routes {
		r := call(t, url)
		if got := r.header.Values("WWW-Authenticate"); r.status != 401 || !slices.Equal(got, []string{challenge}) {
			t.Errorf("%s: %d with the challenge %q", kind, r.status, got)
		}
	}
}

// TestCause gives interceptors that wrap this one the error of the handler.
func TestCause(t *testing.T) {
	cause := errors.New("the cause")
	seen := make(chan error, 1)
	outer := connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, r connect.AnyRequest) (connect.AnyResponse, error) {
			response, err := next(ctx, r)
			seen <- err
			return response, err
		}
	})
	address := serve(t, func(context.Context) error { return mapping.Errorf(405, "read-only: %w", cause) },
		connect.WithInterceptors(outer), intercepted())
	routes["unary"](t, newGateway(t, address))
	if err := <-seen; !errors.Is(err, cause) || connect.CodeOf(err) != connect.CodeUnimplemented {
		t.Errorf("the outer interceptor reads %v", err)
	}
}

// observations collects what an observer reads.
type observations struct {
	mu   sync.Mutex
	seen []gateway.Observation
}

func (o *observations) add(_ context.Context, seen gateway.Observation) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen = append(o.seen, seen)
}

func (o *observations) take(t *testing.T) gateway.Observation {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.seen) != 1 {
		t.Fatalf("observed %d times", len(o.seen))
	}
	first := o.seen[0]
	o.seen = nil
	return first
}
