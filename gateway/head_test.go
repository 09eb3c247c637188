package gateway_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestHead serves HEAD as GET without a body: the same status and headers (RFC 9110 section 9.3.2).
func TestHead(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 5000)
	for _, protocol := range testkit.Protocols {
		for _, transport := range testkit.Transports {
			for _, c := range []struct {
				name    string
				path    string
				behave  testkit.Behaviour
				status  int
				without int
			}{
				{"success", "/v1/things/1", nil, 200, 501},
				{"accepted", "/v1/things/1", chooses(202), 202, 501},
				{"no content", "/v1/things/1", chooses(204), 204, 501},
				{"part of a message", "/v1/things/1/name", nil, 200, 501},
				{"raw bytes", "/v1/things/1/download", nil, 200, 501},
				{"error", "/v1/things/1", testkit.Fails(testkit.ErrNotFound), 404, 501},
				{"bad parameter", "/v1/things/x", nil, 400, 501},
				{"long", "/long", nil, 200, 501},
				{"empty", "/empty", nil, 200, 501},
				{"nowhere", "/nowhere", nil, 404, 404},
			} {
				t.Run(fmt.Sprint(protocol, " ", transport, " ", c.name), func(t *testing.T) {
					service := &testkit.Service{}
					service.Behave(c.behave)
					var replies [3]testkit.Response
					for i, request := range []struct {
						method string
						mux    *runtime.ServeMux
					}{
						{"GET", standard.NewServeMux()},
						{"HEAD", standard.NewServeMux()},
						{"HEAD", runtime.NewServeMux()},
					} {
						mux := testkit.Register(t, transport, service, request.mux)
						for path, body := range map[string]string{"/long": long, "/empty": ""} {
							if err := mux.HandlePath(http.MethodGet, path, says(body)); err != nil {
								t.Fatal(err)
							}
						}
						replies[i] = call{Method: request.method, Path: c.path}.At(t,
							testkit.ServeOver(t, protocol, mux))
						delete(replies[i].Header, "Date")
					}
					get, head, bare := replies[0], replies[1], replies[2]
					if get.Status != c.status || head.Status != c.status || bare.Status != c.without {
						t.Errorf("GET is %d, HEAD is %d, grpc-gateway's HEAD is %d; want %d and %d",
							get.Status, head.Status, bare.Status, c.status, c.without)
					}
					if head.Body != "" {
						t.Errorf("HEAD has a body of %d bytes", len(head.Body))
					}
					if got, want := fmt.Sprint(head.Header), fmt.Sprint(get.Header); got != want {
						t.Errorf("HEAD has %s, GET has %s", got, want)
					}
				})
			}
		}
	}
}

// TestHeadOfStream asks for the header of streams that never end. The call to the service ends with the response;
// otherwise a client would wait for ever.
func TestHeadOfStream(t *testing.T) {
	t.Parallel()
	for _, protocol := range testkit.Protocols {
		for _, path := range []string{watch.Path, export.Path} {
			for _, messages := range []int{1, 2, 3, 1_000_000} {
				t.Run(fmt.Sprint(protocol, " ", path, " ", messages), func(t *testing.T) {
					ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
					defer cancel()
					service := &testkit.Service{}
					s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service,
						standard.NewServeMux()))
					ended := make(chan struct{})
					service.BehaveStream(testkit.Endless(t.Context(), messages, ended))
					head, _ := call{Method: "HEAD", Path: path}.Follow(ctx, t, s)
					wantEnd(t, ended)
					ended = make(chan struct{})
					service.BehaveStream(testkit.Endless(t.Context(), messages, ended))
					ctx, leave := context.WithCancel(ctx)
					get, _ := call{Path: path}.Follow(ctx, t, s)
					leave()
					wantEnd(t, ended)
					delete(head.Header, "Date")
					delete(get.Header, "Date")
					if diff := cmp.Diff(get.Header, head.Header); head.StatusCode != get.StatusCode || diff != "" {
						t.Errorf("HEAD gives %d, GET %d\n%s", head.StatusCode, get.StatusCode, diff)
					}
				})
			}
		}
	}
}

func wantEnd(t *testing.T, ended <-chan struct{}) {
	t.Helper()
	timeout, cancel := context.WithTimeout(t.Context(), testkit.Patience/6)
	defer cancel()
	select {
	case <-ended:
	case <-timeout.Done():
		t.Fatal("the call to the service goes on, though its answer is complete")
	}
}

// TestHeadOfFailingStream compares HEAD with GET for a stream that fails.
func TestHeadOfFailingStream(t *testing.T) {
	t.Parallel()
	for _, protocol := range testkit.Protocols {
		for _, err := range []error{testkit.ErrNotFound, mapping.Errorf(405, "read-only"),
			mapping.Errorf(502, "nonsense")} {
			t.Run(fmt.Sprint(protocol, " ", err), func(t *testing.T) {
				service := &testkit.Service{}
				service.BehaveStream(testkit.Sends(0, err))
				s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service,
					standard.NewServeMux()))
				get := watch.At(t, s)
				head := call{Method: "HEAD", Path: watch.Path}.At(t, s)
				maps.DeleteFunc(get.Header, func(name string, _ []string) bool { return name == "Date" })
				delete(head.Header, "Date")
				if diff := cmp.Diff(get.Header, head.Header); head.Status != get.Status || head.Body != "" ||
					diff != "" {
					t.Errorf("HEAD gives %d %q, GET %d\n%s", head.Status, head.Body, get.Status, diff)
				}
			})
		}
	}
}

// TestHeadBoundByHand streams in a route that is bound to HEAD itself.
func TestHeadBoundByHand(t *testing.T) {
	t.Parallel()
	for _, err := range []error{testkit.ErrNotFound, status.Error(codes.Unauthenticated, "who?")} {
		mux := standard.NewServeMux()
		forward := func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
			ctx := runtime.NewServerMetadataContext(r.Context(), runtime.ServerMetadata{})
			_, marshaler := runtime.MarshalerForRequest(mux, r)
			runtime.ForwardResponseStream(ctx, mux, marshaler, w, r, func() (proto.Message, error) { return nil, err },
				mux.GetForwardResponseOptions()...)
		}
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			if err := mux.HandlePath(method, "/stream", forward); err != nil {
				t.Fatal(err)
			}
		}
		base := testkit.Serve(t, mux)
		get, head := call{Path: "/stream"}.To(t, base), call{Method: "HEAD", Path: "/stream"}.To(t, base)
		delete(get.Header, "Date")
		delete(head.Header, "Date")
		if diff := cmp.Diff(get.Header, head.Header); head.Status != get.Status || diff != "" {
			t.Errorf("HEAD gives %d, GET %d\n%s", head.Status, get.Status, diff)
		}
	}
}

// TestHeadKeepsConnection sends HEAD several times on one connection, which an incomplete response would block.
func TestHeadKeepsConnection(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	service.BehaveStream(func(ctx context.Context, send func() error) error {
		return testkit.Endless(t.Context(), 1, make(chan struct{}))(ctx, send)
	})
	s := testkit.ServeOver(t, "HTTP/1.1", testkit.Register(t, testkit.Network, service, standard.NewServeMux()))
	s.Client.Transport.(*http.Transport).MaxConnsPerHost = 1
	for range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience/6)
		defer cancel()
		response, _ := call{Method: "HEAD", Path: watch.Path}.Follow(ctx, t, s)
		if response.StatusCode != http.StatusOK {
			t.Errorf("responded with %d", response.StatusCode)
		}
	}
}

// TestHeadInsideHandler sends HEAD to a handler that serves GET only. Other refusals run once.
func TestHeadInsideHandler(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, allow string
		httpStatus  int // of the refusal
		want        int
		runs        int
	}{
		{"GET", "GET", 405, 200, 2},
		{"among others", "POST, GET", 405, 200, 2},
		{"in lines", "POST|GET", 405, 200, 2},
		{"HEAD too", "GET, HEAD", 405, 405, 1},
		{"no GET", "POST", 405, 405, 1},
		{"a longer name", "GETTY", 405, 405, 1},
		{"nothing", "", 405, 405, 1},
		{"another status", "GET", 404, 404, 1},
	} {
		for _, protocol := range testkit.Protocols {
			t.Run(c.name+" "+protocol, func(t *testing.T) {
				runs := 0
				inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					runs++
					if r.Method == http.MethodGet {
						w.Header().Set("ETag", `"7"`)
						_, _ = io.WriteString(w, "seven")
						return
					}
					for _, value := range strings.Split(c.allow, "|") {
						w.Header().Add("Allow", value)
					}
					w.WriteHeader(c.httpStatus)
				})
				s := testkit.ServeOver(t, protocol, standard.Handler(inner))
				r := call{Method: http.MethodHead}.At(t, s)
				if r.Status != c.want || runs != c.runs || r.Body != "" {
					t.Errorf("responded with %d after %d runs", r.Status, runs)
				}
				if c.want == 200 && (r.Header["Allow"] != nil || r.Header.Get("ETag") != `"7"`) {
					t.Errorf("the headers are %v", r.Header)
				}
				runs = 0
				if r := (call{Method: http.MethodPost}).At(t, s); r.Status != c.httpStatus || runs != 1 {
					t.Errorf("POST: responded with %d after %d runs", r.Status, runs)
				}
			})
		}
	}
}

// TestHeadInsideHandlerAfterRewrite has middleware rewrite the request's URL in place before HEAD is served as GET.
func TestHeadInsideHandlerAfterRewrite(t *testing.T) {
	t.Parallel()
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = "/v2" + r.URL.Path
		if r.Method != http.MethodGet {
			w.Header().Set("Allow", "GET")
			http.Error(w, "", http.StatusMethodNotAllowed)
			return
		}
		if r.URL.Path != "/v2/a" {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, "a")
	})
	var n notebook
	s := testkit.ServeOver(t, "HTTP/1.1", gateway.New(gateway.WithObserver(n.observe)).Handler(inner))
	if r := (call{Method: "HEAD", Path: "/a"}).At(t, s); r.Status != 200 {
		t.Errorf("responded with %d, observed %v", r.Status, n.seen)
	}
}

// TestHeadFailsAfterPart writes part of a body and then an error. The response to a HEAD breaks off like that to a GET.
func TestHeadFailsAfterPart(t *testing.T) {
	t.Parallel()
	part := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "part")
		standard.WriteError(w, r, testkit.ErrNotFound)
	}
	mux := standard.NewServeMux(within(func(w http.ResponseWriter, r *http.Request, _ func(http.ResponseWriter,
		*http.Request)) {
		part(w, r)
	}))
	handlePath(t, mux, "/own", says("body"))
	for _, protocol := range testkit.Protocols {
		for name, handler := range map[string]http.Handler{
			"mux": mux, "Handler": standard.Handler(http.HandlerFunc(part)), "both": standard.Handler(mux),
		} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				s := testkit.ServeOver(t, protocol, handler)
				if r, err := (call{Method: method, Path: "/own"}).Send(s.Client, s.URL); err == nil {
					t.Errorf("%s, %s, %s: responded with %d %v", name, protocol, method, r.Status, r.Header)
				}
			}
		}
	}
}

// TestHeadInsideHandlerIsNotObserved does not report the refusal of a HEAD that was served as GET.
func TestHeadInsideHandlerIsNotObserved(t *testing.T) {
	t.Parallel()
	var n notebook
	bridge := gateway.New(gateway.WithObserver(n.observe))
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			w.Header().Set("Allow", "GET")
			bridge.WriteError(w, r, mapping.Errorf(405, "only GET"))
		}
	})
	s := testkit.ServeOver(t, "HTTP/1.1", bridge.Handler(inner))
	r := call{Method: "HEAD", Path: "/a"}.At(t, s)
	if r.Status != 200 || len(n.seen) > 0 {
		t.Errorf("responded with %d, observed %v", r.Status, n.seen)
	}
}
