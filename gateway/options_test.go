package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestOptionsInvalid panics for invalid values, with a text that names the option and the value.
func TestOptionsInvalid(t *testing.T) {
	t.Parallel()
	for text, option := range map[string]func() gateway.Option{
		`WithChallenge("")`:           func() gateway.Option { return gateway.WithChallenge("") },
		`WithChallenge(" \t")`:        func() gateway.Option { return gateway.WithChallenge(" \t") },
		`WithChallenge("Bearer\r\nX:`: func() gateway.Option { return gateway.WithChallenge("Bearer\r\nX: y") },
		`WithChallenge("Bearer\x00")`: func() gateway.Option { return gateway.WithChallenge("Bearer\x00") },
		`WithChallenge("Bearer\x7f")`: func() gateway.Option { return gateway.WithChallenge("Bearer\x7f") },
		`WithChallenge("realm`:        func() gateway.Option { return gateway.WithChallenge(`realm="api"`) },
		`WithChallenge("the token`:    func() gateway.Option { return gateway.WithChallenge("the token has expired") },
		`WithChallenge(", Bearer`:     func() gateway.Option { return gateway.WithChallenge(", Bearer") },
		`WithExtraStatuses(0)`:        func() gateway.Option { return gateway.WithExtraStatuses(0) },
		`WithExtraStatuses(199)`:      func() gateway.Option { return gateway.WithExtraStatuses(199) },
		`WithExtraStatuses(300)`:      func() gateway.Option { return gateway.WithExtraStatuses(201, 300) },
		`WithExtraStatuses(399)`:      func() gateway.Option { return gateway.WithExtraStatuses(399) },
		`WithExtraStatuses(600)`:      func() gateway.Option { return gateway.WithExtraStatuses(600) },
		`WithExtraStatuses(-1)`:       func() gateway.Option { return gateway.WithExtraStatuses(-1) },
		`WithMapping(OK)`:             func() gateway.Option { return gateway.WithMapping(codes.OK, 500) },
		`WithMapping(NotFound, 200)`:  func() gateway.Option { return gateway.WithMapping(codes.NotFound, 200) },
		`WithMapping(NotFound, 302)`:  func() gateway.Option { return gateway.WithMapping(codes.NotFound, 302) },
		`WithMapping(NotFound, 600)`:  func() gateway.Option { return gateway.WithMapping(codes.NotFound, 600) },
		`WithMapping(NotFound, 0)`:    func() gateway.Option { return gateway.WithMapping(codes.NotFound, 0) },
		`WithPassthrough("get /a")`:   func() gateway.Option { return gateway.WithPassthrough("get /a") },
		`WithPassthrough("h:80/a")`:   func() gateway.Option { return gateway.WithPassthrough("h:80/a") },
		`WithPassthrough("/a/../b")`:  func() gateway.Option { return gateway.WithPassthrough("/a/../b") },
		`WithPassthrough("/a//b/")`:   func() gateway.Option { return gateway.WithPassthrough("/b/", "/a//b/") },
		`WithPassthrough("")`:         func() gateway.Option { return gateway.WithPassthrough("") },
		`WithPassthrough("/{")`:       func() gateway.Option { return gateway.WithPassthrough("/{") },
		`WithObserver(nil)`:           func() gateway.Option { return gateway.WithObserver(nil) },
		`WithMappingFunc(nil)`:        func() gateway.Option { return gateway.WithMappingFunc(nil) },
		`WithDetailsText(nil)`:        func() gateway.Option { return gateway.WithDetailsText(nil) },
		`WithLocalReplies(nil)`:       func() gateway.Option { return gateway.WithLocalReplies(nil) },
		`WithErrorTrailers("a b")`:    func() gateway.Option { return gateway.WithErrorTrailers("a b") },
		`WithErrorTrailers("x-bin")`:  func() gateway.Option { return gateway.WithErrorTrailers("x-bin") },
	} {
		t.Run(text, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "gateway: "+text) {
					t.Errorf("panicked with %q, want %q", got, "gateway: "+text)
				}
			}()
			option()
		})
	}
}

// TestOptionsOfTwoMuxes uses the result of ServeMuxOptions twice, which panics.
func TestOptionsOfTwoMuxes(t *testing.T) {
	t.Parallel()
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, "two muxes") {
			t.Errorf("panicked with %q", got)
		}
	}()
	options := standard.ServeMuxOptions()
	runtime.NewServeMux(options...)
	runtime.NewServeMux(options...)
}

// TestOptionsOrderDoesNotMatter gives own options, error handlers among them, in every order. The documented errors are
// sent in each.
func TestOptionsOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	own := []runtime.ServeMuxOption{
		runtime.WithErrorHandler(runtime.DefaultHTTPErrorHandler),
		runtime.WithRoutingErrorHandler(runtime.DefaultRoutingErrorHandler),
		runtime.WithStreamErrorHandler(runtime.DefaultStreamErrorHandler),
		logged,
	}
	service := &testkit.Service{}
	service.Behave(testkit.Fails(mapping.Errorf(502, "nonsense")))
	service.BehaveStream(testkit.Sends(1, mapping.Errorf(502, "nonsense")))
	address := testkit.ServeGRPC(t, service)
	for order := range 24 {
		rest, options := slices.Clone(own), []runtime.ServeMuxOption{}
		for n := order; len(rest) > 0; n /= max(1, len(rest)+1) {
			at := n % len(rest)
			options = append(options, rest[at])
			rest = slices.Delete(rest, at, at+1)
		}
		base := testkit.Serve(t, testkit.Connect(t, address, standard.NewServeMux(options...)))
		call{}.To(t, base).WantError(t, 502, "nonsense", "")
		call{Path: "/nowhere"}.To(t, base).WantError(t, 404, "", "")
		r := call{Method: "POST"}.To(t, base)
		r.WantError(t, 405, "", "")
		if got := r.Header.Get("Allow"); got != "DELETE, GET, PATCH, PUT" {
			t.Errorf("Allow is %q", got)
		}
		lines := testkit.Lines(t, watch.To(t, base).Body)
		testkit.WantChunk(t, lines[len(lines)-1], testkit.ErrorBody{Code: 502, Message: "nonsense"})
	}
}

// TestOptionsNil panics for a nil option.
func TestOptionsNil(t *testing.T) {
	t.Parallel()
	defer func() {
		if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "gateway: New was given a nil Option") {
			t.Errorf("panicked with %q", got)
		}
	}()
	gateway.New(nil)
}

// TestOptionsCopyStatuses lets the caller change his slice afterwards.
func TestOptionsCopyStatuses(t *testing.T) {
	t.Parallel()
	statuses := []int{418}
	option := gateway.WithExtraStatuses(statuses...)
	statuses[0] = 700
	service := &testkit.Service{}
	service.Behave(testkit.Fails(mapping.Errorf(418, "short and stout")))
	call{}.To(t, bridged(t, testkit.InProcess, service, gateway.New(option))).WantError(t, 418, "short and stout", "")
}

// TestBridgeOfTwoMuxes makes two muxes with different routes from one bridge.
func TestBridgeOfTwoMuxes(t *testing.T) {
	t.Parallel()
	for _, transport := range testkit.Transports {
		bridge := gateway.New(gateway.WithChallenge("Basic"))
		service := &testkit.Service{}
		service.Behave(testkit.Fails(status.Error(codes.Unauthenticated, "who?")))
		first := testkit.Register(t, transport, service, bridge.NewServeMux())
		second := testkit.Register(t, transport, service, bridge.NewServeMux())
		if err := second.HandlePath("PURGE", "/v1/things/{id}", says("purged")); err != nil {
			t.Fatal(err)
		}
		for mux, want := range map[string]string{
			testkit.Serve(t, first): "DELETE, GET, PATCH, PUT", testkit.Serve(t,
				second): "DELETE, GET, PATCH, PURGE, PUT",
		} {
			r := call{Method: "OPTIONS"}.To(t, mux)
			r.WantError(t, 405, "", "")
			if got := r.Header.Get("Allow"); got != want {
				t.Errorf("%s: Allow is %q, want %q", transport, got, want)
			}
			if got := (call{}).To(t, mux).Header.Get("Www-Authenticate"); got != "Basic" {
				t.Errorf("%s: the challenge is %q", transport, got)
			}
		}
	}
}

// echoes is a service that sends back, as header and trailer metadata, what the gateway told it of the request.
func echoes(ctx context.Context) error {
	incoming, _ := metadata.FromIncomingContext(ctx)
	header := metadata.MD{"many": {"one", "two"}}
	for key, values := range incoming {
		switch {
		case strings.HasPrefix(key, "grpcgateway-"), strings.HasPrefix(key, "own-"), key == "x-forwarded-host":
			header["saw-"+key] = values
		}
	}
	_, deadline := ctx.Deadline()
	header.Set("saw-deadline", fmt.Sprint(deadline))
	delete(header, "saw-x-forwarded-host") // the port of the server
	return testkit.Sets(header, metadata.Pairs("checksum", "7", "checksum", "8"), nil)(ctx)
}

// compatible are options that users have.
var compatible = map[string]func() []runtime.ServeMuxOption{
	"none": func() []runtime.ServeMuxOption { return nil },
	"matchers": func() []runtime.ServeMuxOption {
		return []runtime.ServeMuxOption{withIdentity, runtime.WithOutgoingTrailerMatcher(identity),
			runtime.WithIncomingHeaderMatcher(func(key string) (string, bool) {
				return "own-" + strings.ToLower(key),
					key == "X-Own"
			})}
	},
	"metadata": func() []runtime.ServeMuxOption {
		return []runtime.ServeMuxOption{runtime.WithMetadata(func(ctx context.Context, _ *http.Request) metadata.MD {
			pattern, _ := runtime.HTTPPathPattern(ctx)
			method, _ := runtime.RPCMethod(ctx)
			return metadata.Pairs("own-pattern", pattern, "own-method", method)
		})}
	},
	"marshaler": func() []runtime.ServeMuxOption {
		return []runtime.ServeMuxOption{
			runtime.WithMarshalerOption("application/x-protobuf", &runtime.ProtoMarshaller{}),
			runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.JSONPb{
				MarshalOptions: protojson.MarshalOptions{UseProtoNames: true, UseEnumNumbers: true,
					EmitUnpopulated: true},
			}),
		}
	},
	"content length": func() []runtime.ServeMuxOption {
		return []runtime.ServeMuxOption{runtime.WithWriteContentLength()}
	},
	"no chunks": func() []runtime.ServeMuxOption {
		return []runtime.ServeMuxOption{runtime.WithDisableChunkedEncoding()}
	},
	"options": func() []runtime.ServeMuxOption {
		return []runtime.ServeMuxOption{
			runtime.WithForwardResponseOption(func(_ context.Context, w http.ResponseWriter,
				message proto.Message) error {
				w.Header().Add("X-Message", fmt.Sprintf("%T", message))
				w.Header().Set("Cache-Control", "private")
				return nil
			}),
			runtime.WithForwardResponseRewriter(func(_ context.Context, message proto.Message) (any,
				error) {
				return message, nil
			}),
			runtime.WithUnescapingMode(runtime.UnescapingModeAllExceptReserved),
		}
	},
	"created": func() []runtime.ServeMuxOption {
		return []runtime.ServeMuxOption{runtime.WithForwardResponseOption(func(_ context.Context,
			w http.ResponseWriter, message proto.Message) error {
			if message != nil {
				w.Header().Set("Location", "/v1/things/7")
				w.WriteHeader(http.StatusCreated)
			}
			return nil
		})}
	},
}

// TestOptionsOfUsers sends requests that succeed to muxes with and without the bridge, with options that users have.
// The responses are equal.
func TestOptionsOfUsers(t *testing.T) {
	t.Parallel()
	requests := []call{
		{}, {Path: "/v1/things/1?full=true&sizes=1&sizes=2&kind=KIND_LARGE"},
		{Method: "POST", Path: "/v1/things", Body: `{"thing":{"id":7,"name":"<é>"}}`},
		{Method: "PATCH", Body: `{"name":"new","kind":1}`},
		{Method: "PATCH", Path: "/v1/things/1?updateMask=name", Body: `{"name":"new","kind":1}`},
		{Method: "PATCH", Body: `{}`},
		{Method: "PUT", Body: `{"sizes":[1,2]}`}, {Method: "DELETE"},
		{Method: "POST", Path: "/v1/things/1:rename", Body: `"new"`},
		{Path: "/v1/things/1/name"}, {Path: "/v1/things/1/download"}, {Method: "PURGE", Path: "/v1/things/1/cache"},
		watch, export, routes[5].call, routes[6].call,
	}
	headers := map[string]http.Header{
		"": {}, "TE": {"Te": {"trailers"}}, "time-out": {"Grpc-Timeout": {"10S"}},
		"forwarded": {"X-Own": {"1"}, "Authorization": {"Bearer x"}, "Grpc-Metadata-Own-Key": {"v"},
			"Cookie": {"a=b"}, "Accept-Language": {"en"}},
		"protobuf": {"Accept": {"application/x-protobuf"}},
	}
	for _, name := range slices.Sorted(maps.Keys(compatible)) {
		for _, protocol := range testkit.Protocols {
			for _, transport := range testkit.Transports {
				service := &testkit.Service{}
				service.Behave(echoes)
				without := testkit.ServeOver(t, protocol,
					testkit.Register(t, transport, service, runtime.NewServeMux(compatible[name]()...)))
				{
					ours := testkit.ServeOver(t, protocol, testkit.Register(t, transport, service,
						standard.NewServeMux(compatible[name]()...)))
					for _, request := range requests {
						if streaming := slices.Contains([]string{"/v1/things/1/watch", "/v1/things/1/export",
							"/v1/chat", "/v1/uploads"}, request.Path); streaming &&
							(transport == testkit.InProcess || name == "created") {
							continue // grpc-gateway sends 501, and loses the Content-Type of the stream
						}
						for kind, header := range headers {
							request.Header = header
							t.Run(fmt.Sprint(name, " ", protocol, " ", transport, " ", request.Method, request.Path,
								" ", kind), func(t *testing.T) {
								want, got := request.At(t, without), request.At(t, ours)
								if name == "marshaler" && kind == "protobuf" && want.Status == 500 &&
									got.Status == 500 {
									return // grpc-gateway cannot frame a stream of protos
								}
								if want.Status >= 400 {
									t.Fatalf("grpc-gateway sends %d %s", want.Status, want.Body)
								}
								if diff := cmp.Diff(steady(want), steady(got),
									cmp.AllowUnexported(testkit.Response{})); diff != "" {
									t.Errorf("the bridge changes a success:\n%s", diff)
								}
							})
						}
					}
				}
			}
		}
	}
}

// steady removes from a response what differs between runs: the date, the order of header values, and protojson's
// white space.
func steady(r testkit.Response) testkit.Response {
	delete(r.Header, "Date")
	for _, h := range []http.Header{r.Header, r.Trailer} {
		for _, values := range h {
			slices.Sort(values)
		}
	}
	if length := r.Header["Content-Length"]; json.Valid([]byte(r.Body)) && len(length) > 0 {
		r.Header["Content-Length"] = []string{fmt.Sprint(length[0] == fmt.Sprint(len(r.Body)))}
	}
	if json.Valid([]byte(r.Body)) || strings.HasSuffix(r.Body, "\n") {
		r.Body = strings.ReplaceAll(r.Body, " ", "")
	}
	return r
}
