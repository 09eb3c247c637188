package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/statusbridge/statusbridge/gateway"
	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

var suspend = call{Method: "POST", Path: "/v1/things/1:suspend", Body: "{}"}

// TestDeclaredSuccess sends the status that the method's proto declares, unless the service chooses an allowed one
// for the call.
func TestDeclaredSuccess(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		behave testkit.Behaviour
		want   int
	}{
		{"nothing", nil, 202},
		{"200", chooses(200), 200},
		{"202", chooses(202), 202},
		{"204", chooses(204), 204},
		{"the last of several", chooses(204, 200), 200},
		{"a status that is not allowed", testkit.Claim(201), 202},
		{"an error", testkit.Claim(404), 202},
		{"a word", testkit.Claims("OK"), 202},
		{"empty", testkit.Claims(""), 202},
		{"zero", testkit.Claim(0), 202},
		{"in the trailer", testkit.Sets(nil, metadata.Pairs("statusbridge-http-status", "204"), nil), 202},
	} {
		for arrangement, mux := range arrangements {
			for _, protocol := range testkit.Protocols {
				for _, transport := range testkit.Transports {
					t.Run(fmt.Sprint(c.name, " ", arrangement, " ", protocol, " ", transport), func(t *testing.T) {
						service := &testkit.Service{}
						service.Behave(c.behave)
						s := testkit.ServeOver(t, protocol, testkit.Register(t, transport, service, mux()))
						for range 2 { // the second time the declaration is known
							r := suspend.At(t, s)
							if r.Status != c.want || (r.Body == "") != (c.want == 204) ||
								testkit.Leak(r.Header) != nil {
								t.Errorf("responded with %d %q %v, want %d", r.Status, r.Body, r.Header, c.want)
							}
						}
						// Neither the declaration nor the choice is another method's.
						service.Behave(nil)
						if r := (call{}).At(t, s); r.Status != 200 {
							t.Errorf("another method sends %d", r.Status)
						}
					})
				}
			}
		}
	}
}

// TestDeclaredSuccessThenError fails after a success was declared.
func TestDeclaredSuccessThenError(t *testing.T) {
	t.Parallel()
	for _, transport := range testkit.Transports {
		service := &testkit.Service{}
		service.Behave(testkit.Fails(testkit.ErrNotFound))
		suspend.To(t, bridged(t, transport, service, standard)).WantError(t, 404, "no such thing", "")
		service.Behave(nil)
		suspend.To(t, bridged(t, transport, service, standard,
			runtime.WithForwardResponseRewriter(failingRewriter))).
			WantError(t, 500, "", "")
	}
}

// declaring links a service whose methods declare statuses, as generated code would: once in a process.
func declaring(t *testing.T, declared map[string]int32) {
	t.Helper()
	if _, err := protoregistry.GlobalFiles.FindFileByPath("statusbridge/declared.proto"); err == nil {
		return
	}
	service := &descriptorpb.ServiceDescriptorProto{Name: proto.String("Service")}
	for name, httpStatus := range declared {
		options := &descriptorpb.MethodOptions{}
		if httpStatus >= 0 {
			proto.SetExtension(options, statusbridgev1.E_Success, statusbridgev1.HttpStatus(httpStatus))
		}
		service.Method = append(service.Method, &descriptorpb.MethodDescriptorProto{
			Name: proto.String(name), InputType: proto.String(".google.protobuf.Empty"),
			OutputType: proto.String(".google.protobuf.Empty"), Options: options,
		})
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("statusbridge/declared.proto"), Package: proto.String("statusbridge.declared"),
		Syntax:     proto.String("proto3"),
		Dependency: []string{"google/protobuf/empty.proto"}, Service: []*descriptorpb.ServiceDescriptorProto{service},
	}, protoregistry.GlobalFiles)
	if err != nil {
		t.Fatal(err)
	}
	if err := protoregistry.GlobalFiles.RegisterFile(file); err != nil {
		t.Fatal(err)
	}
}

// TestDeclaredSuccessOfEachStatus declares statuses of every kind. Only allowed success statuses are sent.
func TestDeclaredSuccessOfEachStatus(t *testing.T) {
	t.Parallel()
	declaring(t, map[string]int32{
		"None": -1, "Unspecified": 0, "OK": 200, "Accepted": 202, "NoContent": 204, "Created": 201, "Hint": 103,
		"Found": 302, "Conflict": 409, "Down": 503, "Large": 1 << 30,
	})
	for method, want := range map[string]int{
		"None": 200, "Unspecified": 200, "OK": 200, "Accepted": 202, "NoContent": 204, "Created": 200, "Hint": 200,
		"Found": 200, "Conflict": 200, "Down": 200, "Large": 200, "Missing": 200, "": 200, "a/b": 200,
		"../Accepted": 200,
	} {
		for _, allowed := range []bool{false, true} {
			var options []gateway.Option
			if allowed {
				options = append(options, gateway.WithExtraStatuses(201, 503))
				if method == "Created" {
					want = 201
				}
			}
			mux := gateway.New(options...).NewServeMux()
			err := mux.HandlePath(http.MethodGet, "/own",
				func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
					ctx, err := runtime.AnnotateContext(r.Context(), mux, r, "/statusbridge.declared.Service/"+method)
					if err != nil {
						t.Error(err)
					}
					_, marshaler := runtime.MarshalerForRequest(mux, r)
					runtime.ForwardResponseMessage(ctx, mux, marshaler, w, r, &emptypb.Empty{},
						mux.GetForwardResponseOptions()...)
				})
			if err != nil {
				t.Fatal(err)
			}
			base := testkit.Serve(t, mux)
			for range 2 {
				if r := (call{Path: "/own"}).To(t, base); r.Status != want {
					t.Errorf("%q, 201 allowed %t: responded with %d, want %d", method, allowed, r.Status, want)
				}
			}
		}
	}
}

// TestDeclaredSuccessOfOtherNames annotates the context with names of other things than methods.
func TestDeclaredSuccessOfOtherNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"google.rpc.Status", "/google.rpc.Status",
		"/statusbridge.v1.HttpStatus/HTTP_STATUS_OK", "/", "//"} {
		mux := standard.NewServeMux()
		err := mux.HandlePath(http.MethodGet, "/own",
			func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
				ctx, err := runtime.AnnotateContext(r.Context(), mux, r, name)
				if err != nil {
					t.Error(err)
				}
				_, marshaler := runtime.MarshalerForRequest(mux, r)
				runtime.ForwardResponseMessage(ctx, mux, marshaler, w, r, &emptypb.Empty{},
					mux.GetForwardResponseOptions()...)
			})
		if err != nil {
			t.Fatal(err)
		}
		if r := (call{Path: "/own"}).To(t, testkit.Serve(t, mux)); r.Status != 200 || r.Body != "{}" {
			t.Errorf("%q: responded with %d %q", name, r.Status, r.Body)
		}
	}
}

// failingRewriter fails on successes alone: grpc-gateway gives it its own errors too.
func failingRewriter(_ context.Context, m proto.Message) (any, error) {
	if m.ProtoReflect().Descriptor().FullName() == "google.rpc.Status" {
		return m, nil
	}
	return nil, errors.New("cannot rewrite tenant 7")
}

// unmarshalable marshals nothing but errors.
type unmarshalable struct{ runtime.JSONPb }

func (m *unmarshalable) Marshal(v any) ([]byte, error) {
	if s, ok := v.(proto.Message); ok && s.ProtoReflect().Descriptor().FullName() == "google.rpc.Status" {
		return m.JSONPb.Marshal(v)
	}
	return nil, errors.New("cannot marshal tenant 7")
}

// decorate is what forward options do in the wild: they describe the success, and one sets its status.
func decorate(httpStatus int, err error) runtime.ServeMuxOption {
	return runtime.WithForwardResponseOption(func(_ context.Context, w http.ResponseWriter, _ proto.Message) error {
		for name, value := range map[string]string{
			"ETag": `"7"`, "Cache-Control": "public, max-age=60", "Content-Length": "3", "Location": "/v1/things/7",
			"Last-Modified": "Thu, 01 Jan 1970 00:00:00 GMT", "Expires": "0", "Content-Disposition": "attachment",
			"Content-Encoding": "identity", "Content-Language": "en", "Content-Location": "/x", "Trailer": "X-Sum",
			"Accept-Ranges": "bytes", "Content-Range": "bytes 0-1/2", "Age": "1", "Transfer-Encoding": "chunked",
		} {
			w.Header().Set(name, value)
		}
		w.Header().Set("X-Kept", "yes")
		if httpStatus != 0 {
			w.WriteHeader(httpStatus)
		}
		return err
	})
}

// TestLateFailure fails after the success has begun. The error's status is sent without the headers of the success.
// grpc-gateway without this library sends what the option has set.
func TestLateFailure(t *testing.T) {
	t.Parallel()
	rewriter := runtime.WithForwardResponseRewriter(failingRewriter)
	marshaler := runtime.WithMarshalerOption(runtime.MIMEWildcard, &unmarshalable{})
	conflict := status.Error(codes.Aborted, "changed meanwhile")
	for name, c := range map[string]struct {
		options []runtime.ServeMuxOption
		status  int
		message string
		without int
	}{
		"rewriter":            {[]runtime.ServeMuxOption{decorate(0, nil), rewriter}, 500, "", malformed},
		"rewriter after 201":  {[]runtime.ServeMuxOption{decorate(201, nil), rewriter}, 500, "", 201},
		"marshaler":           {[]runtime.ServeMuxOption{decorate(0, nil), marshaler}, 500, "", malformed},
		"marshaler after 204": {[]runtime.ServeMuxOption{decorate(204, nil), marshaler}, 500, "", 204},
		"option": {[]runtime.ServeMuxOption{decorate(0, conflict)}, 409, "changed meanwhile",
			malformed},
		"option after 201":     {[]runtime.ServeMuxOption{decorate(201, conflict)}, 409, "changed meanwhile", 201},
		"option of a Go error": {[]runtime.ServeMuxOption{decorate(201, errors.New("pq: tenant 7"))}, 500, "", 201},
		"option of a context":  {[]runtime.ServeMuxOption{decorate(201, context.DeadlineExceeded)}, 504, "", 201},
		"option with the length": {[]runtime.ServeMuxOption{runtime.WithWriteContentLength(), decorate(0, conflict)},
			409, "changed meanwhile", malformed},
	} {
		for _, transport := range testkit.Transports {
			for _, te := range []string{"", "trailers"} {
				t.Run(fmt.Sprint(name, " ", transport, " ", te), func(t *testing.T) {
					service := &testkit.Service{}
					header := metadata.Pairs("etag", `"backend"`, "location", "/backend", "request-id", "r-1",
						"statusbridge-http-status", "202")
					service.Behave(testkit.Sets(header, nil, nil))
					options := append([]runtime.ServeMuxOption{withIdentity}, c.options...)
					request := call{Header: http.Header{"Te": {te}}}
					r := request.To(t, bridged(t, transport, service, standard, options...))
					r.WantError(t, c.status, c.message, "")
					want := http.Header{"X-Kept": {"yes"}, "Request-Id": {"r-1"}}
					if got := backendHeaders(r.Header); fmt.Sprint(got) != fmt.Sprint(want) {
						t.Errorf("left %v, want %v", got, want)
					}
					if te == "" {
						s := scenario{call: request, without: without(c.without)}
						s.wantWithout(t, transport, bare(t, transport, service, c.options...))
					}
				})
			}
		}
	}
}

// TestLateFailureAfterFlush fails after a user's middleware has flushed the header. The connection breaks, because a
// clean end would be a success.
func TestLateFailureAfterFlush(t *testing.T) {
	t.Parallel()
	flushes := func(then func(http.ResponseWriter, *http.Request, func())) runtime.ServeMuxOption {
		return runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
				if err := http.NewResponseController(w).Flush(); err != nil {
					t.Error(err)
				}
				then(w, r, func() { next(w, r, params) })
			}
		})
	}
	for name, then := range map[string]func(http.ResponseWriter, *http.Request, func()){
		"the middleware": func(w http.ResponseWriter, r *http.Request, _ func()) {
			standard.WriteError(w, r, testkit.ErrNotFound)
		},
		"the backend": func(_ http.ResponseWriter, _ *http.Request, next func()) { next() },
	} {
		for _, transport := range testkit.Transports {
			service := &testkit.Service{}
			service.Behave(testkit.Fails(testkit.ErrNotFound))
			s := testkit.ServeOver(t, "HTTP/1.1", testkit.Register(t, transport, service,
				standard.NewServeMux(flushes(then))))
			if r, err := (call{}).Send(s.Client, s.URL); err == nil {
				t.Errorf("%s, %s: the response ends cleanly: %d %q", name, transport, r.Status, r.Body)
			}
		}
	}
}

// TestLateFailurePanics panics in a forward response option after the metadata has been forwarded.
func TestLateFailurePanics(t *testing.T) {
	t.Parallel()
	breaks := runtime.WithForwardResponseOption(brokenOption)
	{
		for _, transport := range testkit.Transports {
			t.Run(string(transport), func(t *testing.T) {
				service := &testkit.Service{}
				service.Behave(testkit.Sets(backendHeader, nil, nil))
				r := call{}.To(t, bridged(t, transport, service, standard, breaks))
				r.WantError(t, 500, "", "")
				if r.Header["Etag"] != nil {
					t.Errorf("the success left %v", r.Header)
				}
			})
		}
	}
}

// TestLateFailureForwardsMetadataOnce fails in a forward response option with ErrorHandler registered by hand.
// Metadata is not forwarded twice.
func TestLateFailureForwardsMetadataOnce(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	service.Behave(testkit.Sets(metadata.Pairs("request-id", "r-1"), nil, nil))
	for _, transport := range testkit.Transports {
		base := testkit.Start(t, transport, service, runtime.NewServeMux(runtime.WithErrorHandler(gateway.ErrorHandler),
			runtime.WithForwardResponseOption(func(context.Context, http.ResponseWriter,
				proto.Message) error {
				return testkit.ErrNotFound
			})))
		r := call{}.To(t, base)
		r.WantError(t, 404, "no such thing", "")
		if got := r.Header["Grpc-Metadata-Request-Id"]; !slices.Equal(got, []string{"r-1"}) {
			t.Errorf("%s: the metadata sent as %q", transport, got)
		}
	}
}

// TestLateFailureRemovesDigests fails a success that has announced digests of its body (RFC 9530).
func TestLateFailureRemovesDigests(t *testing.T) {
	t.Parallel()
	s := testkit.ServeOver(t, "HTTP/1.1",
		standard.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Digest", "sha-256=:AAAA:")
			w.Header().Set("Repr-Digest", "sha-256=:AAAA:")
			panic("late")
		})))
	r := call{Path: "/"}.At(t, s)
	if r.Header.Get("Content-Digest") != "" || r.Header.Get("Repr-Digest") != "" {
		t.Errorf("%v", r.Header)
	}
}
