package gateway_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
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
					gateway.WithObserver(n.observe), gateway.WithServerMessages(),
					gateway.WithMapping(codes.Unavailable, 507),
				}
				if abort {
					options = append(options, gateway.WithStreamAbort())
				}
				r, err := watch.Send(testkit.Client, bridged(t, testkit.Network, service, gateway.New(options...)))
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
		if r, err := watch.Send(testkit.Client, base); err == nil {
			t.Errorf("%s: responded with %d %q", name, r.Status, r.Body)
		}
	}
}

// eventStream is a marshaler of server-sent events, as users write it: each message becomes one event.
type eventStream struct{ runtime.JSONPb }

func (m *eventStream) ContentType(any) string { return "text/event-stream" }

func (m *eventStream) Delimiter() []byte { return []byte("\n\n") }

func (m *eventStream) Marshal(v any) ([]byte, error) {
	data, err := m.JSONPb.Marshal(v)
	return append([]byte("data: "), data...), err
}

// namedEvents tells errors from messages as grpc-gateway lets it: messages come in a map[string]any, under result, and
// errors in a map of protos.
type namedEvents struct{ eventStream }

func (m *namedEvents) Marshal(v any) ([]byte, error) {
	data, err := m.eventStream.Marshal(v)
	if _, ok := v.(map[string]proto.Message); ok {
		data = append([]byte("event: error\n"), data...)
	}
	return data, err
}

// unwrapped sends the messages of a stream without the object around them, as users do who dislike it.
type unwrapped struct{ runtime.JSONPb }

func (m *unwrapped) Marshal(v any) ([]byte, error) {
	if chunk, ok := v.(map[string]any); ok {
		v = chunk["result"]
	}
	return m.JSONPb.Marshal(v)
}

// indented is an option of grpc-gateway's own marshaler.
var indented = &runtime.JSONPb{MarshalOptions: (&runtime.JSONPb{}).MarshalOptions}

func init() { indented.Multiline, indented.Indent = true, "  " }

// TestStreamMarshaler frames the last chunk as the user's marshaler does. In an event stream it is an event.
func TestStreamMarshaler(t *testing.T) {
	t.Parallel()
	want := testkit.ErrorBody{Code: 409, Message: "changed <meanwhile>"}
	for name, c := range map[string]struct {
		marshaler runtime.Marshaler
		message   string // without white space
		chunk     string // before the JSON
		end       string // of a chunk
	}{
		"newline-delimited": {&runtime.JSONPb{}, `{"result":{"sequence":1}}`, "", "}\n"},
		"raw bodies": {&runtime.HTTPBodyMarshaler{Marshaler: &runtime.JSONPb{}}, `{"result":{"sequence":1}}`,
			"", "}\n"},
		"encoding/json": {&runtime.JSONBuiltin{}, `{"result":{"sequence":1}}`, "", "}\n"},
		"indented":      {indented, `{"result":{"sequence":1}}`, "", "\n}\n"},
		"events":        {&eventStream{}, `data:{"result":{"sequence":1}}`, "data: ", "}\n\n"},
		"named events":  {&namedEvents{}, `data:{"result":{"sequence":1}}`, "event: error\ndata: ", "}\n\n"},
		"unwrapped":     {&unwrapped{}, `{"sequence":1}`, "", "}\n"},
	} {
		for _, protocol := range testkit.Protocols {
			t.Run(name+" "+protocol, func(t *testing.T) {
				service := &testkit.Service{}
				service.BehaveStream(testkit.Sends(1, status.Error(codes.Aborted, want.Message)))
				s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service,
					standard.NewServeMux(runtime.WithMarshalerOption("text/own", c.marshaler))))
				r := call{Path: watch.Path, Header: http.Header{"Accept": {"text/own"}}}.At(t, s)
				// Indented chunks contain line ends, so they are compared without white space.
				chunks := strings.SplitAfter(r.Body, c.end)
				if len(chunks) != 3 || chunks[2] != "" || !strings.HasPrefix(chunks[1], c.chunk) {
					t.Fatalf("the chunks are %q", chunks)
				}
				if got := strings.Join(strings.Fields(chunks[0]), ""); got != c.message {
					t.Errorf("the message is %q", got)
				}
				chunk := strings.TrimPrefix(chunks[1], c.chunk)
				if name == "indented" {
					chunk = strings.NewReplacer("\n", "", "  ", "", `": `, `":`).Replace(chunk)
				}
				testkit.WantChunk(t, chunk, want)
				if got, want := r.Header.Get("Content-Type"), c.marshaler.ContentType(nil); got != want {
					t.Errorf("the content type is %q, want %q", got, want)
				}
			})
		}
	}
}

// TestStreamMarshalerTypes gives the user's marshaler the error of a stream in the types that grpc-gateway uses.
func TestStreamMarshalerTypes(t *testing.T) {
	t.Parallel()
	for _, without := range []bool{true, false} {
		var seen []reflect.Type
		spy := &spying{see: func(v any) { seen = append(seen, reflect.TypeOf(v)) }}
		service := &testkit.Service{}
		service.BehaveStream(testkit.Sends(1, testkit.ErrNotFound))
		own := runtime.WithMarshalerOption(runtime.MIMEWildcard, spy)
		base := bare(t, testkit.Network, service, own)
		if !without {
			base = bridged(t, testkit.Network, service, standard, own)
		}
		watch.To(t, base)
		want := []reflect.Type{reflect.TypeFor[map[string]any](), reflect.TypeFor[map[string]proto.Message]()}
		// The library may marshal more than once, but nothing of a type that would be taken for a message.
		if len(seen) < 2 || seen[0] != want[0] || fmt.Sprint(seen[1:]) != fmt.Sprint(want[1:]) && without {
			t.Errorf("the marshaler saw %v, want %v", seen, want)
		}
		for _, got := range seen[1:] {
			if got != want[1] {
				t.Errorf("the marshaler was given the error in a %v, like a message", got)
			}
		}
	}
}

type spying struct {
	runtime.JSONPb
	see func(any)
}

func (m *spying) Marshal(v any) ([]byte, error) {
	m.see(v)
	return m.JSONPb.Marshal(v)
}

// TestStreamMarshalerFails has a marshaler fail on errors. The stream breaks and does not end as if it were complete.
func TestStreamMarshalerFails(t *testing.T) {
	t.Parallel()
	for name, marshaler := range map[string]runtime.Marshaler{
		"fails":   &errorless{fail: errors.New("no form for it")},
		"nothing": &errorless{},
	} {
		for _, protocol := range testkit.Protocols {
			for _, before := range []int{0, 1} {
				service := &testkit.Service{}
				service.BehaveStream(testkit.Sends(before, testkit.ErrNotFound))
				s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service,
					standard.NewServeMux(runtime.WithMarshalerOption(runtime.MIMEWildcard, marshaler))))
				r, err := watch.Send(s.Client, s.URL)
				if before > 0 {
					if err == nil {
						t.Errorf("%s %s: the stream ends cleanly: %q", name, protocol, r.Body)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				r.WantError(t, 404, "no such thing", "")
			}
		}
	}
}

type errorless struct {
	runtime.JSONPb
	fail error
}

func (m *errorless) Marshal(v any) ([]byte, error) {
	data, err := m.JSONPb.Marshal(v)
	if err == nil && bytes.Contains(data, []byte(`"result"`)) {
		return data, nil
	}
	return nil, m.fail
}
