package gateway_test

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/probe"
	"github.com/statusbridge/statusbridge/mapping"
)

// patience is how long a test waits for what must happen. Nothing is measured against it.
const patience = 30 * time.Second

var watch = call{path: "/v1/things/1/watch"}

// sends is a stream that sends messages and ends with an error, or none.
func sends(messages int, err error) probe.StreamBehaviour {
	return func(_ context.Context, send func() error) error {
		for range messages {
			if err := send(); err != nil {
				return err
			}
		}
		return err
	}
}

// opening is the header of an answer whose body is still to come.
type opening struct {
	StatusCode    int
	Header        http.Header
	ContentLength int64
}

// follow opens a stream; the client reads what it wants of it.
func (c call) follow(ctx context.Context, t *testing.T, s site) (opening, *bufio.Reader) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, cmp.Or(c.method, http.MethodGet), s.base+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range c.header {
		request.Header[name] = values
	}
	response, err := s.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return opening{response.StatusCode, response.Header, response.ContentLength}, bufio.NewReader(response.Body)
}

// lines are a body's, each of which must end.
func lines(t *testing.T, body string) []string {
	t.Helper()
	if body == "" {
		return nil
	}
	if !strings.HasSuffix(body, "\n") {
		t.Errorf("the last line does not end: %.300q", body[max(0, len(body)-300):])
	}
	return strings.Split(strings.TrimSuffix(body, "\n"), "\n")
}

// wantMessage demands the message of a watch with a number.
func wantMessage(t *testing.T, line string, sequence int) {
	t.Helper()
	var message struct {
		Result struct{ Sequence int } `json:"result"`
	}
	if err := json.Unmarshal([]byte(line), &message); err != nil || message.Result.Sequence != sequence {
		t.Fatalf("message %d is %.200q: %v", sequence, line, err)
	}
}

// wantChunk demands the documented last chunk: an error object alone, with the members of an error body in it.
func wantChunk(t *testing.T, chunk string, want errorBody) {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(chunk), &members); err != nil || len(members) != 1 {
		t.Errorf("the chunk is %.300q: %v", chunk, err)
		return
	}
	if got, err := parseErrorBody(string(members["error"])); err != nil || got != want {
		t.Errorf("the chunk is %.300q (%v), want %.300q", chunk, err, fmt.Sprint(want))
	}
}

// TestStreamStep has the service send a message only after the client has read the one before: nothing on the way may
// hold one back. The chain has middleware of the user's and a handler in front of the mux.
func TestStreamStep(t *testing.T) {
	const messages = 1000
	for arrangement, options := range arrangements {
		for protocol := range protocols {
			t.Run(arrangement+" "+protocol, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				read := make(chan struct{}, 1)
				service := &probe.Service{}
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
				mux := probe.Mux(t, probe.Network, service, options()...)
				s := serveOver(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					mux.ServeHTTP(&loggingWriter{ResponseWriter: w}, r)
				}))
				_, body := watch.follow(ctx, t, s)
				for i := range messages {
					line, err := body.ReadString('\n')
					if err != nil {
						t.Fatalf("message %d did not come while the service waited: %v", i+1, err)
					}
					wantMessage(t, line, i+1)
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
	service := &probe.Service{}
	for _, c := range []struct {
		name string
		err  error
		want errorBody
	}{
		{"409", status.Error(codes.Aborted, "changed"), errorBody{409, "changed", ""}},
		{"409 of a precondition", status.Error(codes.FailedPrecondition, "changed"), errorBody{409, "changed", ""}},
		{"405", mapping.Errorf(405, "read-only"), errorBody{405, "read-only", ""}},
		{"502", mapping.Errorf(502, "nonsense"), errorBody{502, "nonsense", ""}},
		{"details", &mapping.Error{HTTPStatus: 400, Message: "not valid", Details: "name: <taken> & \"used\"\n"},
			errorBody{400, "not valid", "name: <taken> & \"used\"\n"}},
		{"violations", detailed(codes.InvalidArgument, "not valid", detail(t, violations("name", "taken"))),
			errorBody{400, "not valid", "name: taken"}},
		{"a secret", status.Error(codes.Unavailable, secret), errorBody{503, pageMeanings[503], ""}},
		{"a deadline", context.DeadlineExceeded, errorBody{504, pageMeanings[504], ""}},
		{"exhausted", status.Error(codes.ResourceExhausted, secret), errorBody{503, pageMeanings[503], ""}},
		{"invalid UTF-8", status.Error(codes.NotFound, "no \xff thing"), errorBody{404, "no \uFFFD thing", ""}},
		{"a long text", status.Error(codes.NotFound, strings.Repeat("long ", 2000)), errorBody{404, strings.Repeat("long ", 2000), ""}},
		{"a claim of success", detailed(codes.NotFound, "gone", detail(t, &statusbridgev1.Error{Code: 200})), errorBody{404, "gone", ""}},
	} {
		for protocol := range protocols {
			s := serveOver(t, protocol, probe.Mux(t, probe.Network, service, probe.Bridge(gateway.New())))
			for _, before := range []int{1, 2, 1000} {
				if before == 1000 && c.name != "409" {
					continue
				}
				t.Run(fmt.Sprint(c.name, " ", protocol, " ", before), func(t *testing.T) {
					service.BehaveStream(sends(before, c.err))
					r := watch.through(t, s.client, s.base)
					got := lines(t, r.body)
					if r.status != 200 || len(got) != before+1 {
						t.Fatalf("answered %d with %d lines: %.300q", r.status, len(got), r.body)
					}
					for i := range before {
						wantMessage(t, got[i], i+1)
					}
					wantChunk(t, got[before], c.want)
				})
			}
		}
	}
}

// TestStreamErrorUnreadable is about grpc-gateway swallowing the whole error of a stream for one detail that it cannot
// print: what looks like a complete answer then is not.
func TestStreamErrorUnreadable(t *testing.T) {
	service := &probe.Service{}
	base := bridged(t, probe.Network, service, probe.Bridge(gateway.New()))
	stock := bare(t, probe.Network, service)
	for name, detail := range unreadable {
		t.Run(name, func(t *testing.T) {
			service.BehaveStream(sends(1, detailed(codes.NotFound, "no such thing", detail)))
			got := lines(t, watch.to(t, base).body)
			if len(got) != 2 {
				t.Fatalf("the lines are %q", got)
			}
			wantChunk(t, got[1], errorBody{404, "no such thing", ""})
			if got := lines(t, watch.to(t, stock).body); len(got) != 1 {
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
				service := &probe.Service{}
				service.BehaveStream(sends(before, status.Error(codes.Unavailable, secret)))
				options := []gateway.Option{
					gateway.WithObserver(n.observe), gateway.WithServerMessages(), gateway.WithMapping(codes.Unavailable, 507),
				}
				if abort {
					options = append(options, gateway.WithStreamAbort())
				}
				r, err := watch.send(http.DefaultClient, bridged(t, probe.Network, service, probe.Bridge(gateway.New(options...))))
				o := n.one(t)
				if o.HTTPStatus != 507 || o.GRPCCode != codes.Unavailable || status.Convert(o.Err).Message() != secret ||
					o.RPCMethod != "/statusbridge.probe.v1.ProbeService/Watch" || o.Route != "/v1/things/{id}/watch" {
					t.Errorf("observed %+v", o)
				}
				switch got := strings.SplitAfter(r.body, "\n"); {
				case before == 0:
					r.wantError(t, 507, secret, "")
				case abort:
					if err == nil {
						t.Errorf("the stream ends cleanly: %q", got)
					}
				case len(got) == before+2:
					wantChunk(t, got[before], errorBody{507, secret, ""})
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
		service := &probe.Service{}
		service.BehaveStream(func(ctx context.Context, _ func() error) error {
			return cmp.Or(sets(backendHeader, nil, nil)(ctx), error(mapping.Errorf(405, "read-only")))
		})
		for order, options := range map[string][]runtime.ServeMuxOption{
			"first": {probe.Bridge(gateway.New()), decorate(httpStatus, nil)}, "last": {decorate(httpStatus, nil), probe.Bridge(gateway.New())},
		} {
			r := watch.to(t, bridged(t, probe.Network, service, append(options, withIdentity)...))
			r.wantError(t, 405, "read-only", "")
			want := http.Header{"X-Kept": {"yes"}, "Allow": {"GET"}, "Request-Id": {"r-1"}, "Many": {"one", "one", "two"}}
			if got := backendHeaders(r.header); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("bridge %s after %d: left behind %v, want %v", order, httpStatus, got, want)
			}
		}
	}
}
