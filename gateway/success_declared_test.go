package gateway_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/metadata"
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
		Name: proto.String("statusbridge/declared.proto"), Package: proto.String("statusbridge.declared"), Syntax: proto.String("proto3"),
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
		"Found": 200, "Conflict": 200, "Down": 200, "Large": 200, "Missing": 200, "": 200, "a/b": 200, "../Accepted": 200,
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
