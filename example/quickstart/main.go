// Command quickstart is the smallest complete program: a gRPC service and a gateway in one process.
package main

// docs: program

import (
	"context"
	"log"
	"net"
	"net/http"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	projectsv1 "github.com/statusbridge/statusbridge/example/gen/controlplane/v1"
	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/mapping"
)

type projects struct {
	projectsv1.UnimplementedProjectsServiceServer
}

func (projects) DeleteProject(
	ctx context.Context, request *projectsv1.DeleteProjectRequest,
) (*projectsv1.DeleteProjectResponse, error) {
	if request.GetProjectId() == "7" {
		return nil, mapping.Errorf(409, "project 7 has two workspaces")
	}
	return &projectsv1.DeleteProjectResponse{}, mapping.SetHTTPStatus(ctx, 202)
}

func newServer() *grpc.Server {
	server := grpc.NewServer(mapping.ServerOptions()...)
	projectsv1.RegisterProjectsServiceServer(server, projects{})
	return server
}

func newGateway(target string) (http.Handler, error) {
	bridge := gateway.New()
	mux := bridge.NewServeMux()
	dial := gateway.DialOptions(grpc.WithTransportCredentials(insecure.NewCredentials()))
	err := projectsv1.RegisterProjectsServiceHandlerFromEndpoint(context.Background(), mux, target, dial)
	return bridge.Handler(mux), err
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:9090")
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(newServer().Serve(listener)) }()
	handler, err := newGateway("127.0.0.1:9090")
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:8081", handler))
}
