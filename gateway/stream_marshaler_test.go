package gateway_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

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
