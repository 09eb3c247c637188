package gateway_test

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestStreamStep has the service send a message only after the client has read the one before: nothing on the way may
// hold one back. The chain has middleware of the user's and a handler in front of the mux.
func TestStreamStep(t *testing.T) {
	const messages = 1000
	for arrangement, mux := range arrangements {
		for _, protocol := range testkit.Protocols {
			t.Run(arrangement+" "+protocol, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
				defer cancel()
				read := make(chan struct{}, 1)
				service := &testkit.Service{}
				service.BehaveStream(func(ctx context.Context, send func() error) error {
					for range messages {
						if err := send(); err != nil {
							return err
						}
						select {
						case <-read:
						case <-ctx.Done():
							return ctx.Err()
						}
					}
					return nil
				})
				mux := testkit.Register(t, testkit.Network, service, mux())
				s := testkit.ServeOver(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					mux.ServeHTTP(&testkit.LogWriter{ResponseWriter: w}, r)
				}))
				_, body := watch.Follow(ctx, t, s)
				for i := range messages {
					line, err := body.ReadString('\n')
					if err != nil {
						t.Fatalf("message %d did not come while the service waited: %v", i+1, err)
					}
					testkit.WantMessage(t, line, i+1)
					read <- struct{}{}
				}
				if rest, err := body.ReadString('\n'); rest != "" || err == nil {
					t.Errorf("the stream ends in %q, %v", rest, err)
				}
			})
		}
	}
}

// TestStreamError fails after some messages: all of them arrive, and the error is the last line, with the HTTP status
// that it would have had. Text of a 5xx that was not meant for the client stays out of it.
func TestStreamError(t *testing.T) {
	service := &testkit.Service{}
	for _, c := range []struct {
		name string
		err  error
		want testkit.ErrorBody
	}{
		{"409", status.Error(codes.Aborted, "changed"), testkit.ErrorBody{Code: 409, Message: "changed"}},
		{"409 of a precondition", status.Error(codes.FailedPrecondition, "changed"), testkit.ErrorBody{Code: 409, Message: "changed"}},
		{"405", mapping.Errorf(405, "read-only"), testkit.ErrorBody{Code: 405, Message: "read-only"}},
		{"502", mapping.Errorf(502, "nonsense"), testkit.ErrorBody{Code: 502, Message: "nonsense"}},
		{"details", &mapping.Error{HTTPStatus: 400, Message: "not valid", Details: "name: <taken> & \"used\"\n"},
			testkit.ErrorBody{Code: 400, Message: "not valid", Details: "name: <taken> & \"used\"\n"}},
		{"violations", detailed(codes.InvalidArgument, "not valid", detail(t, violations("name", "taken"))),
			testkit.ErrorBody{Code: 400, Message: "not valid", Details: "name: taken"}},
		{"a secret", status.Error(codes.Unavailable, testkit.Secret), testkit.ErrorBody{Code: 503, Message: testkit.Meanings[503]}},
		{"a deadline", context.DeadlineExceeded, testkit.ErrorBody{Code: 504, Message: testkit.Meanings[504]}},
		{"exhausted", status.Error(codes.ResourceExhausted, testkit.Secret), testkit.ErrorBody{Code: 503, Message: testkit.Meanings[503]}},
		{"invalid UTF-8", status.Error(codes.NotFound, "no \xff thing"), testkit.ErrorBody{Code: 404, Message: "no \uFFFD thing"}},
		{"a long text", status.Error(codes.NotFound, strings.Repeat("long ", 2000)), testkit.ErrorBody{Code: 404, Message: strings.Repeat("long ", 2000)}},
		{"a claim of success", detailed(codes.NotFound, "gone", detail(t, &statusbridgev1.Error{Code: 200})), testkit.ErrorBody{Code: 404, Message: "gone"}},
	} {
		for _, protocol := range testkit.Protocols {
			s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service, gateway.New().NewServeMux()))
			for _, before := range []int{1, 2, 1000} {
				if before == 1000 && c.name != "409" {
					continue
				}
				t.Run(fmt.Sprint(c.name, " ", protocol, " ", before), func(t *testing.T) {
					service.BehaveStream(testkit.Sends(before, c.err))
					r := watch.At(t, s)
					got := testkit.Lines(t, r.Body)
					if r.Status != 200 || len(got) != before+1 {
						t.Fatalf("answered %d with %d lines: %.300q", r.Status, len(got), r.Body)
					}
					for i := range before {
						testkit.WantMessage(t, got[i], i+1)
					}
					testkit.WantChunk(t, got[before], c.want)
				})
			}
		}
	}
}

// TestStreamErrorUnreadable is about grpc-gateway swallowing the whole error of a stream for one detail that it cannot
// print: what looks like a complete answer then is not.
func TestStreamErrorUnreadable(t *testing.T) {
	service := &testkit.Service{}
	base := bridged(t, testkit.Network, service, gateway.New())
	stock := bare(t, testkit.Network, service)
	for name, detail := range unreadable {
		t.Run(name, func(t *testing.T) {
			service.BehaveStream(testkit.Sends(1, detailed(codes.NotFound, "no such thing", detail)))
			got := testkit.Lines(t, watch.To(t, base).Body)
			if len(got) != 2 {
				t.Fatalf("the lines are %q", got)
			}
			testkit.WantChunk(t, got[1], testkit.ErrorBody{Code: 404, Message: "no such thing"})
			if got := testkit.Lines(t, watch.To(t, stock).Body); len(got) != 1 {
				t.Errorf("grpc-gateway sends %q, recorded is a stream that ends without its error", got)
			}
		})
	}
}

// TestStreamErrorObserved tells the observer once of a stream that fails, before its first message and after it, with
// what the client was not shown; the options count for the chunk as well.
func TestStreamErrorObserved(t *testing.T) {
	for _, abort := range []bool{false, true} {
		for before := range 3 {
			t.Run(fmt.Sprint(before, " ", abort), func(t *testing.T) {
				var n notebook
				service := &testkit.Service{}
				service.BehaveStream(testkit.Sends(before, status.Error(codes.Unavailable, testkit.Secret)))
				options := []gateway.Option{
					gateway.WithObserver(n.observe), gateway.WithServerMessages(), gateway.WithMapping(codes.Unavailable, 507),
				}
				if abort {
					options = append(options, gateway.WithStreamAbort())
				}
				r, err := watch.Send(http.DefaultClient, bridged(t, testkit.Network, service, gateway.New(options...)))
				o := n.one(t)
				if o.HTTPStatus != 507 || o.GRPCCode != codes.Unavailable || status.Convert(o.Err).Message() != testkit.Secret ||
					o.RPCMethod != "/statusbridge.testkit.v1.ThingService/Watch" || o.Route != "/v1/things/{id}/watch" {
					t.Errorf("observed %+v", o)
				}
				switch got := strings.SplitAfter(r.Body, "\n"); {
				case before == 0:
					r.WantError(t, 507, testkit.Secret, "")
				case abort:
					if err == nil {
						t.Errorf("the stream ends cleanly: %q", got)
					}
				case len(got) == before+2:
					testkit.WantChunk(t, got[before], testkit.ErrorBody{Code: 507, Message: testkit.Secret})
				default:
					t.Errorf("the lines are %q", got)
				}
			})
		}
	}
}

// TestStreamDecorated sets headers of a success before a stream fails. None of them stays.
func TestStreamDecorated(t *testing.T) {
	for _, httpStatus := range []int{0, 201, 204} {
		service := &testkit.Service{}
		service.BehaveStream(func(ctx context.Context, _ func() error) error {
			return cmp.Or(testkit.Sets(backendHeader, nil, nil)(ctx), error(mapping.Errorf(405, "read-only")))
		})
		{
			r := watch.To(t, bridged(t, testkit.Network, service, gateway.New(), decorate(httpStatus, nil), withIdentity))
			r.WantError(t, 405, "read-only", "")
			want := http.Header{"X-Kept": {"yes"}, "Allow": {"GET"}, "Request-Id": {"r-1"}, "Many": {"one", "one", "two"}}
			if got := backendHeaders(r.Header); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("after %d: left behind %v, want %v", httpStatus, got, want)
			}
		}
	}
}
