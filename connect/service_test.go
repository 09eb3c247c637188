package statusconnect_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	statusconnect "github.com/statusbridge/statusbridge/connect"
	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

const procedures = "/statusbridge.testkit.v1.ThingService/"

// service does what a test says before its first response.
type service func(ctx context.Context) error

// handler serves the service with connect-go.
func (s service) handler(options ...connect.HandlerOption) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(procedures+"Get", connect.NewUnaryHandler(procedures+"Get",
		func(
			ctx context.Context, r *connect.Request[testkitv1.GetRequest],
		) (*connect.Response[testkitv1.GetResponse], error) {
			if err := s(ctx); err != nil {
				return nil, err
			}
			return connect.NewResponse(&testkitv1.GetResponse{Thing: &testkitv1.Thing{Id: r.Msg.GetId()}}), nil
		}, options...))
	mux.Handle(procedures+"Watch", connect.NewServerStreamHandler(procedures+"Watch",
		func(
			ctx context.Context, _ *connect.Request[testkitv1.WatchRequest],
			stream *connect.ServerStream[testkitv1.WatchResponse],
		) error {
			if err := s(ctx); err != nil {
				return err
			}
			if err := stream.Send(&testkitv1.WatchResponse{Sequence: 1}); err != nil {
				return err
			}
			return mapping.SetHTTPStatus(ctx, http.StatusAccepted) // too late
		}, options...))
	mux.Handle(procedures+"Upload", connect.NewClientStreamHandler(procedures+"Upload",
		func(
			ctx context.Context, stream *connect.ClientStream[testkitv1.UploadRequest],
		) (*connect.Response[testkitv1.UploadResponse], error) {
			for stream.Receive() {
			}
			if err := s(ctx); err != nil {
				return nil, err
			}
			return connect.NewResponse(&testkitv1.UploadResponse{}), nil
		}, options...))
	return mux
}

// serve starts the service on loopback, with HTTP/2 without TLS, and returns its address.
func serve(t testing.TB, s service, options ...connect.HandlerOption) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: s.handler(options...), Protocols: &protocols}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

// newGateway starts a grpc-gateway for the service at an address and returns its URL.
func newGateway(t testing.TB, address string, options ...gateway.Option) string {
	t.Helper()
	credentials := grpc.WithTransportCredentials(insecure.NewCredentials())
	conn, err := grpc.NewClient(address, gateway.DialOptions(credentials)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	bridge := gateway.New(options...)
	mux := bridge.NewServeMux()
	if err := testkitv1.RegisterThingServiceHandler(context.WithoutCancel(t.Context()), mux, conn); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(bridge.Handler(mux))
	t.Cleanup(server.Close)
	return server.URL
}

// response is what a REST client reads.
type response struct {
	status int
	body   string
	header http.Header
}

// routes has a route of the gateway for each kind of method.
var routes = map[string]func(t *testing.T, url string) response{
	"unary": func(t *testing.T, url string) response {
		return do(t, http.MethodGet, url+"/v1/things/7", "")
	},
	"server stream": func(t *testing.T, url string) response {
		return do(t, http.MethodGet, url+"/v1/things/7/watch", "")
	},
	"client stream": func(t *testing.T, url string) response {
		return do(t, http.MethodPost, url+"/v1/uploads", "{}")
	},
}

func do(t *testing.T, method, url, body string) response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	read, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{r.StatusCode, string(read), r.Header}
}

func intercepted() connect.HandlerOption {
	return connect.WithInterceptors(statusconnect.Interceptor())
}
