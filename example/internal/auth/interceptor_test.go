package auth_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/statusbridge/statusbridge/example/internal/auth"
)

// guarded is a service with a unary and a streaming method. Both report the caller.
type guarded struct{ callers chan auth.AccessKey }

const guardedService = "test.Guarded"

func (g *guarded) desc() *grpc.ServiceDesc {
	return &grpc.ServiceDesc{
		ServiceName: guardedService,
		Methods: []grpc.MethodDesc{{
			MethodName: "Get",
			Handler: func(
				_ any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor,
			) (any, error) {
				if err := decode(&emptypb.Empty{}); err != nil {
					return nil, err
				}
				info := &grpc.UnaryServerInfo{FullMethod: "/" + guardedService + "/Get"}
				return intercept(ctx, nil, info, func(ctx context.Context, _ any) (any, error) {
					g.callers <- auth.Caller(ctx)
					return &emptypb.Empty{}, nil
				})
			},
		}},
		Streams: []grpc.StreamDesc{{
			StreamName:    "Watch",
			ServerStreams: true,
			Handler: func(_ any, stream grpc.ServerStream) error {
				g.callers <- auth.Caller(stream.Context())
				return nil
			},
		}},
	}
}

func TestGuard(t *testing.T) {
	c := &clock{start}
	issuer := auth.NewIssuer(time.Minute, c.Now)
	keys := auth.NewKeyring()
	keys.Add(administrator, "secret")
	keys.Add(viewer, "secret")
	service := &guarded{callers: make(chan auth.AccessKey, 1)}
	connection := serve(t, auth.NewGuard(issuer, keys), service)

	good := "Bearer " + issue(t, issuer, administrator)
	asViewer := "Bearer " + issue(t, issuer, viewer)
	gone := auth.AccessKey{ID: "gone", Role: auth.Administrator}
	c.now = start.Add(-time.Hour)
	old := issue(t, issuer, administrator)
	c.now = start
	for name, test := range map[string]struct {
		header []string
		want   codes.Code
	}{
		"administrator":          {header: []string{good}, want: codes.OK},
		"the scheme in capitals": {header: []string{"BEARER" + good[6:]}, want: codes.OK},
		"viewer":                 {header: []string{asViewer}, want: codes.PermissionDenied},
		"no header":              {want: codes.Unauthenticated},
		"another scheme":         {header: []string{"Basic" + good[6:]}, want: codes.Unauthenticated},
		"no scheme":              {header: []string{good[7:]}, want: codes.Unauthenticated},
		"two tokens":             {header: []string{good, good}, want: codes.Unauthenticated},
		"deleted key":            {header: []string{"Bearer " + issue(t, issuer, gone)}, want: codes.Unauthenticated},
		"expired token":          {header: []string{"Bearer " + old}, want: codes.Unauthenticated},
	} {
		for _, method := range []string{"Get", "Watch"} {
			t.Run(name+"/"+method, func(t *testing.T) {
				ctx := metadata.NewOutgoingContext(t.Context(), metadata.MD{"authorization": test.header})
				err := call(ctx, connection, method)
				if got := status.Code(err); got != test.want {
					t.Fatalf("got %v, want %v: %v", got, test.want, err)
				}
				if test.want == codes.OK {
					if caller := <-service.callers; caller != administrator {
						t.Errorf("the method was called by %+v, want %+v", caller, administrator)
					}
				}
			})
		}
	}
}

func serve(t *testing.T, guard *auth.Guard, service *guarded) *grpc.ClientConn {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(guard.ServerOptions()...)
	server.RegisterService(service.desc(), nil)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	plaintext := grpc.WithTransportCredentials(insecure.NewCredentials())
	connection, err := grpc.NewClient(listener.Addr().String(), plaintext)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return connection
}

func call(ctx context.Context, connection *grpc.ClientConn, method string) error {
	full := "/" + guardedService + "/" + method
	if method == "Get" {
		return connection.Invoke(ctx, full, &emptypb.Empty{}, &emptypb.Empty{})
	}
	stream, err := connection.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, full)
	if err != nil {
		return err
	}
	if err := stream.SendMsg(&emptypb.Empty{}); err != nil {
		return err
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	if err := stream.RecvMsg(&emptypb.Empty{}); !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}
