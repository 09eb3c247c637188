// docs: program

// Command quickstart runs a gRPC service and its gateway in one process.
package main

import (
	"context"
	"log"
	"net"
	"net/http"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	quickstartv1 "github.com/statusbridge/statusbridge/example/gen/quickstart/v1"
	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/mapping"
)

// projects is the service. It chooses 409 for an error, and 202 for a success.
type projects struct {
	quickstartv1.UnimplementedProjectServiceServer
}

func (projects) DeleteProject(
	ctx context.Context, request *quickstartv1.DeleteProjectRequest,
) (*quickstartv1.DeleteProjectResponse, error) {
	if request.GetId() == "7" {
		return nil, mapping.Errorf(409, "project 7 has two workspaces")
	}
	return &quickstartv1.DeleteProjectResponse{}, mapping.SetHTTPStatus(ctx, 202)
}

// newHandler starts the service and returns the gateway that calls it.
func newHandler() (http.Handler, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := grpc.NewServer(mapping.ServerOptions()...)
	quickstartv1.RegisterProjectServiceServer(server, projects{})
	go func() { log.Fatal(server.Serve(listener)) }()

	bridge := gateway.New()
	mux := bridge.NewServeMux()
	target := listener.Addr().String()
	dial := gateway.DialOptions(grpc.WithTransportCredentials(insecure.NewCredentials()))
	err = quickstartv1.RegisterProjectServiceHandlerFromEndpoint(context.Background(), mux, target, dial)
	return bridge.Handler(mux), err
}

func main() {
	handler, err := newHandler()
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:8081", handler))
}
