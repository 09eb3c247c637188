package gateway_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// asDownload rewrites the messages of a watch into raw bytes, which grpc-gateway then streams as such.
func asDownload(_ context.Context, message proto.Message) (any, error) {
	if message.ProtoReflect().Descriptor().FullName() == "google.rpc.Status" {
		return message, nil
	}
	return &httpbody.HttpBody{ContentType: "application/zip", Data: []byte("PK")}, nil
}

// asMessage rewrites raw bytes of a service into JSON.
func asMessage(_ context.Context, message proto.Message) (any, error) {
	if _, raw := message.(*httpbody.HttpBody); raw {
		return status.New(codes.OK, "").Proto(), nil
	}
	return message, nil
}

// TestStreamAbort breaks the connection of a stream that fails after its first message: of every download, and by
// option of any stream.
func TestStreamAbort(t *testing.T) {
	t.Parallel()
	byOption := []gateway.Option{gateway.WithStreamAbort()}
	none := func(*runtime.ServeMux) {}
	for _, c := range []struct {
		name    string
		call    call
		options []gateway.Option
		own     runtime.ServeMuxOption
		message string // what one message looks like
		abort   bool
	}{
		{"download", export, nil, none, "PK", true},
		{"download by option", export, byOption, none, "PK", true},
		{"watch by option", watch, byOption, none, `{"result":{"sequence":1}}`, true},
		{"watch", watch, nil, none, `{"result":{"sequence":1}}`, false},
		{"both ways by option", routes[6].call, byOption, none, `{"result":{"line":"a"}}`, true},
		{"both ways", routes[6].call, nil, none, `{"result":{"line":"a"}}`, false},
		{"watch as a download", watch, nil, runtime.WithForwardResponseRewriter(asDownload),
			"PK", true},
		{"download as messages", export, nil, runtime.WithForwardResponseRewriter(asMessage),
			`{"result":{"code":0,"message":"","details":[]}}`, true}, // the method is declared to download
	} {
		for _, protocol := range testkit.Protocols {
			t.Run(c.name+" "+protocol, func(t *testing.T) {
				service := &testkit.Service{}
				service.BehaveStream(testkit.Sends(1, status.Error(codes.Aborted, "changed")))
				s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service,
					gateway.New(c.options...).NewServeMux(c.own)))
				response, body := c.call.Follow(t.Context(), t, s)
				got, err := io.ReadAll(body)
				message, rest, _ := strings.Cut(string(got), "\n")
				if response.StatusCode != http.StatusOK || strings.ReplaceAll(message, " ", "") != c.message {
					t.Fatalf("responded with %d %q", response.StatusCode, got)
				}
				if !c.abort {
					testkit.WantChunk(t, rest, testkit.ErrorBody{Code: 409, Message: "changed"})
					return
				}
				if rest != "" {
					t.Errorf("behind the data came %q", rest)
				}
				if protocol == "HTTP/1.1" && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("the stream ends in %v, want an unexpected end", err)
				}
				if protocol == "HTTP/2" && (err == nil || !strings.Contains(err.Error(), "stream error")) {
					t.Errorf("the stream ends in %v, want a stream error", err)
				}
			})
		}
	}
}

// TestStreamAbortNotBeforeFirstMessage fails before the first message, which gives a plain error response, and does
// not fail at all.
func TestStreamAbortNotBeforeFirstMessage(t *testing.T) {
	t.Parallel()
	for _, protocol := range testkit.Protocols {
		for _, c := range []call{watch, export, routes[6].call} {
			t.Run(fmt.Sprint(protocol, " ", c.Path), func(t *testing.T) {
				service := &testkit.Service{}
				s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service,
					gateway.New(gateway.WithStreamAbort()).NewServeMux()))
				service.BehaveStream(testkit.Sends(0, testkit.ErrNotFound))
				c.At(t, s).WantError(t, 404, "no such thing", "")
				service.BehaveStream(testkit.Sends(2, nil))
				if r := c.At(t, s); r.Status != 200 || strings.Count(r.Body, "\n") != 2 {
					t.Errorf("responded with %d %q", r.Status, r.Body)
				}
			})
		}
	}
}

// TestStreamAbortWithoutLibrary records that grpc-gateway without this library appends the error to the download and
// ends it cleanly.
func TestStreamAbortWithoutLibrary(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	service.BehaveStream(testkit.Sends(1, testkit.ErrNotFound))
	r, err := export.Send(testkit.Client, bare(t, testkit.Network, service))
	if err != nil || !strings.HasPrefix(r.Body, "PK\n{") {
		t.Errorf("grpc-gateway sends %q (%v), recorded is text behind the data", r.Body, err)
	}
}

// jsonExport exports bytes that are of the type of messages.
type jsonExport struct {
	*testkit.Service
	data string
}

func (e jsonExport) Export(_ *testkitv1.ExportRequest, stream grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	if err := stream.Send(&httpbody.HttpBody{ContentType: "application/json", Data: []byte(e.data)}); err != nil {
		return err
	}
	return testkit.ErrNotFound
}

// TestStreamAbortOfJSONDownload breaks a download of JSON like any other.
func TestStreamAbortOfJSONDownload(t *testing.T) {
	t.Parallel()
	for _, data := range []string{`{"a":1}`, ""} {
		address := testkit.ServeGRPC(t, jsonExport{&testkit.Service{}, data})
		s := testkit.ServeOver(t, testkit.HTTP1, testkit.Connect(t, address, standard.NewServeMux()))
		opening, body := export.Follow(t.Context(), t, s)
		got, err := io.ReadAll(body)
		if opening.StatusCode != http.StatusOK || strings.TrimSpace(string(got)) != data ||
			!errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("responded with %d %q, and it ends in %v", opening.StatusCode, got, err)
		}
	}
}

// withRecovery is middleware that takes every panic for a mistake, http.ErrAbortHandler too, as much of it does.
var withRecovery = runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		defer func() {
			if v := recover(); v != nil {
				http.Error(w, "internal error", http.StatusInternalServerError)
			}
		}()
		next(w, r, params)
	}
})

// TestStreamAbortThroughRecovery breaks a stream inside middleware that recovers every panic.
func TestStreamAbortThroughRecovery(t *testing.T) {
	t.Parallel()
	for _, protocol := range testkit.Protocols {
		for _, c := range []struct {
			call   call
			bridge *gateway.Bridge
			data   string
		}{
			{export, standard, "PK\n"},
			{watch, gateway.New(gateway.WithStreamAbort()), `{"result":{"sequence":1}}` + "\n"},
		} {
			service := &testkit.Service{}
			service.BehaveStream(testkit.Sends(1, testkit.ErrNotFound))
			s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service,
				c.bridge.NewServeMux(withRecovery)))
			response, body := c.call.Follow(t.Context(), t, s)
			if _, err := body.ReadString('\n'); response.StatusCode != http.StatusOK || err != nil {
				t.Fatalf("responded with %d, then %v", response.StatusCode, err)
			}
			if rest, err := body.ReadString(0); rest != "" || err == nil || err.Error() == "EOF" {
				t.Errorf("%s %s: behind the data came %q, and it ends in %v", protocol, c.call.Path, rest, err)
			}
		}
	}
}

// TestStreamAbortThroughRecoveryInsideHandler breaks a response inside Handler and inside middleware that recovers
// every panic.
func TestStreamAbortThroughRecoveryInsideHandler(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	service.BehaveStream(testkit.Sends(2, status.Error(codes.Aborted, "changed")))
	mux := testkit.Register(t, testkit.Network, service, gateway.New(gateway.WithStreamAbort()).NewServeMux())
	for _, protocol := range testkit.Protocols {
		for name, inner := range map[string]http.Handler{
			"stream": mux,
			"written error": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.WriteString(w, "part")
				standard.WriteError(w, r, status.Error(codes.Aborted, "failed"))
			}),
		} {
			t.Run(protocol+"/"+name, func(t *testing.T) {
				s := testkit.ServeLogging(t, protocol, standard.Handler(testkit.Recover(inner)), io.Discard)
				if r, err := watch.Send(s.Client, s.URL); err == nil {
					t.Errorf("responded with %d %q", r.Status, r.Body)
				}
			})
		}
	}
}

// TestStreamClientLeaves has clients leave streams that never end. The call to the service ends, and no goroutine is
// left.
func TestStreamClientLeaves(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		for _, c := range []call{watch, export, routes[6].call} {
			for name, messages := range map[string]int{"none": 0, "one": 1, "many": 1 << 30} {
				t.Run(name+" "+c.Path, func(t *testing.T) {
					known := goleak.IgnoreCurrent()
					t.Run("", func(t *testing.T) { leave(t, http2, c, messages) })
					goleak.VerifyNone(t, known)
				})
			}
		}
	}
}

// leave plays one client on new servers, which have stopped when it returns.
func leave(t *testing.T, http2 bool, c call, messages int) {
	ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
	defer cancel()
	begun, ended := make(chan struct{}), make(chan struct{})
	service := &testkit.Service{}
	service.BehaveStream(func(ctx context.Context, send func() error) error {
		close(begun)
		return testkit.Endless(t.Context(), messages, ended)(ctx, send)
	})
	server := httptest.NewUnstartedServer(testkit.Register(t, testkit.Network, service, standard.NewServeMux()))
	if server.EnableHTTP2 = http2; http2 {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	s := testkit.Site{Client: server.Client(), URL: server.URL}
	going, gone := context.WithCancel(ctx)
	if messages == 0 {
		go func() {
			<-begun
			gone()
		}()
		request, err := http.NewRequestWithContext(going, cmp.Or(c.Method, http.MethodGet), s.URL+c.Path,
			strings.NewReader(c.Body))
		if err != nil {
			t.Fatal(err)
		}
		if response, err := s.Client.Do(request); err == nil {
			response.Body.Close()
			t.Errorf("responded with %d before the first message", response.StatusCode)
		}
	} else {
		_, body := c.Follow(going, t, s)
		if _, err := body.ReadString('\n'); err != nil {
			t.Error(err)
		}
		gone()
	}
	wantEnd(t, ended)
}

// TestStreamAbortLeavesNoGoroutine aborts downloads several times.
func TestStreamAbortLeavesNoGoroutine(t *testing.T) {
	known := goleak.IgnoreCurrent()
	t.Run("", func(t *testing.T) {
		service := &testkit.Service{}
		service.BehaveStream(testkit.Sends(2, testkit.ErrNotFound))
		for _, protocol := range testkit.Protocols {
			s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service,
				standard.NewServeMux()))
			for range 20 {
				if r, err := export.Send(s.Client, s.URL); err == nil {
					t.Errorf("%s: the download ends cleanly: %q", protocol, r.Body)
				}
			}
		}
	})
	goleak.VerifyNone(t, known)
}
