package gateway_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/statusbridge/statusbridge/gateway"
	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestStreamError fails after some messages. All of them are sent, and the error is the last line, with the HTTP
// status that it would have had.
func TestStreamError(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	for _, c := range []struct {
		name string
		err  error
		want testkit.ErrorBody
	}{
		{"409", status.Error(codes.Aborted, "changed"), testkit.ErrorBody{Code: 409, Message: "changed"}},
		{"409 of a precondition", status.Error(codes.FailedPrecondition, "changed"),
			testkit.ErrorBody{Code: 409, Message: "changed"}},
		{"405", mapping.Errorf(405, "read-only"), testkit.ErrorBody{Code: 405, Message: "read-only"}},
		{"502", mapping.Errorf(502, "nonsense"), testkit.ErrorBody{Code: 502, Message: "nonsense"}},
		{"details", &mapping.Error{HTTPStatus: 400, Message: "not valid", Details: "name: <taken> & \"used\"\n"},
			testkit.ErrorBody{Code: 400, Message: "not valid", Details: "name: <taken> & \"used\"\n"}},
		{"violations", detailed(codes.InvalidArgument, "not valid", detail(t, violations("name", "taken"))),
			testkit.ErrorBody{Code: 400, Message: "not valid", Details: "name: taken"}},
		{"a secret", status.Error(codes.Unavailable, testkit.Secret),
			testkit.ErrorBody{Code: 503, Message: testkit.Meanings[503]}},
		{"a deadline", context.DeadlineExceeded, testkit.ErrorBody{Code: 504, Message: testkit.Meanings[504]}},
		{"exhausted", status.Error(codes.ResourceExhausted, testkit.Secret),
			testkit.ErrorBody{Code: 503, Message: testkit.Meanings[503]}},
		{"invalid UTF-8", status.Error(codes.NotFound, "no \xff thing"),
			testkit.ErrorBody{Code: 404, Message: "no \uFFFD thing"}},
		{"a long text", status.Error(codes.NotFound, strings.Repeat("long ", 2000)),
			testkit.ErrorBody{Code: 404, Message: strings.Repeat("long ", 2000)}},
		{"a claim of success", detailed(codes.NotFound, "gone", detail(t, &statusbridgev1.Error{Code: 200})),
			testkit.ErrorBody{Code: 404, Message: "gone"}},
	} {
		for _, protocol := range testkit.Protocols {
			s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service,
				standard.NewServeMux()))
			for _, before := range []int{1, 2, 1000} {
				if before == 1000 && c.name != "409" {
					continue
				}
				t.Run(fmt.Sprint(c.name, " ", protocol, " ", before), func(t *testing.T) {
					service.BehaveStream(testkit.Sends(before, c.err))
					r := watch.At(t, s)
					got := testkit.Lines(t, r.Body)
					if r.Status != 200 || len(got) != before+1 {
						t.Fatalf("responded with %d with %d lines: %.300q", r.Status, len(got), r.Body)
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

// TestStreamErrorWithUnreadableDetail attaches a detail that nobody can read. grpc-gateway without this library then
// ends the stream without its error.
func TestStreamErrorWithUnreadableDetail(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	base := bridged(t, testkit.Network, service, standard)
	without := bare(t, testkit.Network, service)
	for name, detail := range unreadable {
		t.Run(name, func(t *testing.T) {
			service.BehaveStream(testkit.Sends(1, detailed(codes.NotFound, "no such thing", detail)))
			got := testkit.Lines(t, watch.To(t, base).Body)
			if len(got) != 2 {
				t.Fatalf("the lines are %q", got)
			}
			testkit.WantChunk(t, got[1], testkit.ErrorBody{Code: 404, Message: "no such thing"})
			if got := testkit.Lines(t, watch.To(t, without).Body); len(got) != 1 {
				t.Errorf("grpc-gateway sends %q, recorded is a stream that ends without its error", got)
			}
		})
	}
}

// TestStreamErrorIsObserved tells the observer once about a stream that fails. The options count for the chunk as
// well.
func TestStreamErrorIsObserved(t *testing.T) {
	t.Parallel()
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
				if o.HTTPStatus != 507 || o.GRPCCode != codes.Unavailable ||
					status.Convert(o.Err).Message() != testkit.Secret ||
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

// TestStreamErrorRemovesSuccessHeaders sets headers of a success before a stream fails.
func TestStreamErrorRemovesSuccessHeaders(t *testing.T) {
	t.Parallel()
	for _, httpStatus := range []int{0, 201, 204} {
		service := &testkit.Service{}
		service.BehaveStream(func(ctx context.Context, _ func() error) error {
			return cmp.Or(testkit.Sets(backendHeader, nil, nil)(ctx), error(mapping.Errorf(405, "read-only")))
		})
		{
			r := watch.To(t, bridged(t, testkit.Network, service, standard, decorate(httpStatus, nil),
				withIdentity))
			r.WantError(t, 405, "read-only", "")
			want := http.Header{"X-Kept": {"yes"}, "Allow": {"GET"}, "Request-Id": {"r-1"},
				"Many": {"one", "one", "two"}}
			if got := backendHeaders(r.Header); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("after %d: left %v, want %v", httpStatus, got, want)
			}
		}
	}
}

// odd marshals JSON under another media type.
type odd struct{ runtime.JSONPb }

func (*odd) ContentType(any) string { return "application/x-odd" }

// TestStreamErrorContentType fails before the first message under a marshaler with another media type.
func TestStreamErrorContentType(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	service.BehaveStream(func(context.Context, func() error) error { return status.Error(codes.Aborted, "changed") })
	base := bridged(t, testkit.Network, service, standard,
		runtime.WithMarshalerOption(runtime.MIMEWildcard, &odd{}))
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		r := call{Method: method, Path: watch.Path}.To(t, base)
		if got := r.Header.Get("Content-Type"); r.Status != 409 || got != "application/json" {
			t.Errorf("%s: %d as %q", method, r.Status, got)
		}
	}
}

// TestStreamErrorAfterLateContentType has an option set the media type after the first message, when it no longer
// counts.
func TestStreamErrorAfterLateContentType(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	service.BehaveStream(testkit.Sends(2, status.Error(codes.Aborted, "changed")))
	ndjson := runtime.WithForwardResponseOption(func(_ context.Context, w http.ResponseWriter, _ proto.Message) error {
		w.Header().Set("Content-Type", "application/x-ndjson")
		return nil
	})
	r := watch.To(t, bridged(t, testkit.Network, service, standard, ndjson))
	if !strings.HasSuffix(r.Body, `{"error":{"code":409,"message":"changed"}}`+"\n") {
		t.Errorf("the stream ends in %q", r.Body)
	}
}

// TestStreamErrorOfOwnRoute forwards a stream by hand without forward response options.
func TestStreamErrorOfOwnRoute(t *testing.T) {
	t.Parallel()
	mux := standard.NewServeMux()
	err := mux.HandlePath(http.MethodGet, "/stream", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		ctx := runtime.NewServerMetadataContext(r.Context(), runtime.ServerMetadata{})
		_, marshaler := runtime.MarshalerForRequest(mux, r)
		sent := false
		runtime.ForwardResponseStream(ctx, mux, marshaler, w, r, func() (proto.Message, error) {
			if sent {
				return nil, status.Error(codes.Aborted, "changed")
			}
			sent = true
			return wrapperspb.String("first"), nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	r := call{Path: "/stream"}.To(t, testkit.Serve(t, mux))
	want := `{"result":"first"}` + "\n" + `{"error":{"code":409,"message":"changed"}}` + "\n"
	if r.Body != want {
		t.Errorf("the body is %q, want %q", r.Body, want)
	}
}

// TestStreamErrorAfterPreface writes the head of a file before the stream fails. The connection breaks, because JSON
// must not follow a file.
func TestStreamErrorAfterPreface(t *testing.T) {
	t.Parallel()
	preface := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/csv")
		_, _ = io.WriteString(w, "id,name\n")
	}
	service := &testkit.Service{}
	service.BehaveStream(testkit.Sends(1, status.Error(codes.Aborted, "changed")))
	option := runtime.WithForwardResponseOption(func(_ context.Context, w http.ResponseWriter, m proto.Message) error {
		if m == nil {
			preface(w)
		}
		return nil
	})
	byHand := standard.NewServeMux()
	err := byHand.HandlePath(http.MethodGet, "/v1/things/{id}/watch",
		func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			preface(w)
			ctx := runtime.NewServerMetadataContext(r.Context(), runtime.ServerMetadata{})
			_, marshaler := runtime.MarshalerForRequest(byHand, r)
			runtime.ForwardResponseStream(ctx, byHand, marshaler, w, r, func() (proto.Message, error) {
				return nil, status.Error(codes.Aborted, "changed")
			}, byHand.GetForwardResponseOptions()...)
		})
	if err != nil {
		t.Fatal(err)
	}
	for name, base := range map[string]string{
		"option":  bridged(t, testkit.Network, service, standard, option),
		"handler": testkit.Serve(t, byHand),
	} {
		if r, err := watch.Send(http.DefaultClient, base); err == nil {
			t.Errorf("%s: responded with %d %q", name, r.Status, r.Body)
		}
	}
}
