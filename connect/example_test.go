package statusconnect_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	statusconnect "github.com/statusbridge/statusbridge/connect"
	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// getThing is a method of a connect-go service. It chooses the status of its error and of its success.
func getThing(
	ctx context.Context, r *connect.Request[testkitv1.GetRequest],
) (*connect.Response[testkitv1.GetResponse], error) {
	if r.Msg.GetId() == 1 {
		return nil, mapping.Errorf(405, "thing 1 is read-only")
	}
	if err := mapping.SetHTTPStatus(ctx, http.StatusAccepted); err != nil {
		return nil, err
	}
	return connect.NewResponse(&testkitv1.GetResponse{Thing: &testkitv1.Thing{Id: r.Msg.GetId()}}), nil
}

func ExampleInterceptor() {
	// The service. Generated code has a NewThingServiceHandler instead of the procedure's name.
	const procedure = "/statusbridge.testkit.v1.ThingService/Get"
	services := http.NewServeMux()
	services.Handle(procedure, connect.NewUnaryHandler(procedure, getThing,
		connect.WithInterceptors(statusconnect.Interceptor())))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: services, Protocols: &protocols}
	go func() { _ = server.Serve(listener) }()
	defer func() { _ = server.Close() }()

	// The gateway.
	credentials := grpc.WithTransportCredentials(insecure.NewCredentials())
	conn, err := grpc.NewClient(listener.Addr().String(), gateway.DialOptions(credentials)...)
	if err != nil {
		panic(err)
	}
	defer func() { _ = conn.Close() }()
	bridge := gateway.New()
	mux := bridge.NewServeMux()
	if err := testkitv1.RegisterThingServiceHandler(context.Background(), mux, conn); err != nil {
		panic(err)
	}
	rest := httptest.NewServer(bridge.Handler(mux))
	defer rest.Close()

	for _, id := range []int{1, 2} {
		response, err := http.Get(fmt.Sprint(rest.URL, "/v1/things/", id))
		if err != nil {
			panic(err)
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		fmt.Println(response.Status, response.Header.Get("Content-Type"), len(body) > 0)
		if response.StatusCode >= http.StatusBadRequest {
			fmt.Println(string(body))
		}
	}
	// Output:
	// 405 Method Not Allowed application/json true
	// {"code":405,"message":"thing 1 is read-only"}
	// 202 Accepted application/json true
}
