package interop

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"connectrpc.com/connect"
	connectvalidate "connectrpc.com/validate"
	middleware "github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/protovalidate"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

const connectCreate = "/statusbridge.testkit.v1.ThingService/Create"

// ruled validates messages of the test service as if its proto had rules: an id of 1..9, and a name of two characters.
type ruled struct {
	protovalidate.Validator
	file protoreflect.FileDescriptor
}

func newRuled(t *testing.T) ruled {
	t.Helper()
	file := protodesc.ToFileDescriptorProto(testkitv1.File_statusbridge_testkit_v1_testkit_proto)
	for _, message := range file.GetMessageType() {
		if message.GetName() != "Thing" {
			continue
		}
		for _, field := range message.GetField() {
			rules := &validate.FieldRules{}
			switch field.GetName() {
			case "id":
				rules.Type = &validate.FieldRules_Int32{Int32: &validate.Int32Rules{
					GreaterThan: &validate.Int32Rules_Gt{Gt: 0}, LessThan: &validate.Int32Rules_Lt{Lt: 10}}}
			case "name":
				rules.Type = &validate.FieldRules_String_{String_: &validate.StringRules{MinLen: proto.Uint64(2)}}
			default:
				continue
			}
			field.Options = &descriptorpb.FieldOptions{}
			proto.SetExtension(field.Options, validate.E_Field, rules)
		}
	}
	withRules, err := protodesc.NewFile(file, protoregistry.GlobalFiles)
	if err != nil {
		t.Fatal(err)
	}
	validator, err := protovalidate.New()
	if err != nil {
		t.Fatal(err)
	}
	return ruled{Validator: validator, file: withRules}
}

func (v ruled) Validate(message proto.Message, options ...protovalidate.ValidationOption) error {
	descriptor := v.file.Messages().ByName(message.ProtoReflect().Descriptor().Name())
	if descriptor == nil {
		return v.Validator.Validate(message, options...)
	}
	bytes, err := proto.Marshal(message)
	if err != nil {
		return err
	}
	dynamic := dynamicpb.NewMessage(descriptor)
	if err := proto.Unmarshal(bytes, dynamic); err != nil {
		return err
	}
	return v.Validator.Validate(dynamic, options...)
}

// TestValidate shows that the violations that validating middleware attaches reach the client as details.
func TestValidate(t *testing.T) {
	rules := newRuled(t)
	bare := []grpc.ServerOption{grpc.ChainUnaryInterceptor(middleware.UnaryServerInterceptor(rules))}
	for name, address := range map[string]string{
		"go-grpc-middleware":                        backend(t, bare...),
		"go-grpc-middleware, mapping.ServerOptions": backend(t, append(mapping.ServerOptions(), bare...)...),
		"connectrpc/validate":                       connectBackend(t, rules),
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, register(t, gateway.New().NewServeMux(), dial(t, address)))
			c := newCaller(t)
			create := func(body string) reply {
				return c.send(t, http.MethodPost, url+"/v1/things", strings.NewReader(body))
			}
			r := create(`{"thing":{"id":12,"name":"x"}}`)
			check(t, r, http.StatusBadRequest)
			for _, part := range []string{
				"thing.id: ", "greater than 0 and less than 10", "; ", "thing.name: ", "at least 2 characters",
			} {
				if !strings.Contains(r.errorBody().Details, part) {
					t.Errorf("details have no %q: %v", part, r)
				}
			}
			check(t, create(`{"thing":{"id":2,"name":"xy"}}`), http.StatusOK)
		})
	}
}

// connectBackend serves Create with connect-go, over HTTP/2 without TLS, so that a gateway calls it with gRPC.
func connectBackend(t *testing.T, validator protovalidate.Validator) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(connectCreate, connect.NewUnaryHandler(connectCreate,
		func(
			_ context.Context, in *connect.Request[testkitv1.CreateRequest],
		) (*connect.Response[testkitv1.CreateResponse], error) {
			return connect.NewResponse(&testkitv1.CreateResponse{Thing: in.Msg.GetThing()}), nil
		}, connect.WithInterceptors(connectvalidate.NewInterceptor(connectvalidate.WithValidator(validator)))))
	listener := listen(t)
	server := &http.Server{Handler: mux, Protocols: new(http.Protocols)}
	server.Protocols.SetUnencryptedHTTP2(true)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}
