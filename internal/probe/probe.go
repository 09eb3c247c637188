// Package probe is what the tests stand behind the gateway: a service with every kind of method, a real gRPC server on
// loopback or the same service in process, and a real HTTP server in front.
package probe

import (
	"context"
	"net"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/statusbridge/statusbridge/internal/probe/probev1"
)

// Transport is how the gateway reaches the service.
type Transport string

// The transports that grpc-gateway generates registrations for.
const (
	Network   Transport = "network"
	InProcess Transport = "in process"
)

// Transports lists both, for tests that demand the same answer of each.
var Transports = []Transport{Network, InProcess}

// Behaviour is what a method does before it answers. An error is returned as it is.
type Behaviour func(ctx context.Context) error

// Service answers every method with a plain success, unless the behaviour of the moment fails.
type Service struct {
	probev1.UnimplementedProbeServiceServer
	behaviour atomic.Pointer[Behaviour]
	stream    atomic.Pointer[StreamBehaviour]
	calls     atomic.Int64
}

// Behave sets what every method does from now on; nil is a plain success.
func (s *Service) Behave(b Behaviour) {
	s.behaviour.Store(&b)
}

// Calls counts the calls that reached the service.
func (s *Service) Calls() int64 {
	return s.calls.Load()
}

func (s *Service) behave(ctx context.Context) error {
	s.calls.Add(1)
	if b := s.behaviour.Load(); b != nil && *b != nil {
		return (*b)(ctx)
	}
	return nil
}

// Get implements the service.
func (s *Service) Get(ctx context.Context, in *probev1.GetRequest) (*probev1.GetResponse, error) {
	if err := s.behave(ctx); err != nil {
		return nil, err
	}
	return &probev1.GetResponse{Thing: &probev1.Thing{Id: in.GetId(), Name: "thing", Kind: in.GetKind()}}, nil
}

// Create implements the service.
func (s *Service) Create(ctx context.Context, in *probev1.CreateRequest) (*probev1.CreateResponse, error) {
	if err := s.behave(ctx); err != nil {
		return nil, err
	}
	return &probev1.CreateResponse{Thing: in.GetThing()}, nil
}

// Update implements the service.
func (s *Service) Update(ctx context.Context, in *probev1.UpdateRequest) (*probev1.UpdateResponse, error) {
	if err := s.behave(ctx); err != nil {
		return nil, err
	}
	return &probev1.UpdateResponse{Thing: in.GetThing(), UpdateMask: in.GetUpdateMask()}, nil
}

// Replace implements the service.
func (s *Service) Replace(ctx context.Context, in *probev1.ReplaceRequest) (*probev1.ReplaceResponse, error) {
	if err := s.behave(ctx); err != nil {
		return nil, err
	}
	return &probev1.ReplaceResponse{Thing: in.GetThing()}, nil
}

// Delete implements the service.
func (s *Service) Delete(ctx context.Context, _ *probev1.DeleteRequest) (*probev1.DeleteResponse, error) {
	if err := s.behave(ctx); err != nil {
		return nil, err
	}
	return &probev1.DeleteResponse{}, nil
}

// Rename implements the service.
func (s *Service) Rename(ctx context.Context, in *probev1.RenameRequest) (*probev1.RenameResponse, error) {
	if err := s.behave(ctx); err != nil {
		return nil, err
	}
	return &probev1.RenameResponse{Thing: &probev1.Thing{Id: in.GetId(), Name: in.GetName()}}, nil
}

// Name implements the service.
func (s *Service) Name(ctx context.Context, in *probev1.NameRequest) (*probev1.NameResponse, error) {
	if err := s.behave(ctx); err != nil {
		return nil, err
	}
	return &probev1.NameResponse{Thing: &probev1.Thing{Id: in.GetId(), Name: "thing"}}, nil
}

// Download implements the service.
func (s *Service) Download(ctx context.Context, _ *probev1.DownloadRequest) (*httpbody.HttpBody, error) {
	if err := s.behave(ctx); err != nil {
		return nil, err
	}
	return &httpbody.HttpBody{ContentType: "text/plain", Data: []byte("bytes")}, nil
}

// Suspend implements the service.
func (s *Service) Suspend(ctx context.Context, in *probev1.SuspendRequest) (*probev1.SuspendResponse, error) {
	if err := s.behave(ctx); err != nil {
		return nil, err
	}
	return &probev1.SuspendResponse{Thing: &probev1.Thing{Id: in.GetId()}}, nil
}

// Purge implements the service.
func (s *Service) Purge(ctx context.Context, _ *probev1.PurgeRequest) (*probev1.PurgeResponse, error) {
	if err := s.behave(ctx); err != nil {
		return nil, err
	}
	return &probev1.PurgeResponse{}, nil
}

// Start serves a service behind a gateway with the given mux options and returns the gateway's base URL. Everything
// listens on loopback and ends with the test.
func Start(t testing.TB, transport Transport, service *Service, options ...runtime.ServeMuxOption) string {
	t.Helper()
	server := httptest.NewServer(Mux(t, transport, service, options...))
	t.Cleanup(server.Close)
	return server.URL
}

// Mux is the gateway of Start without its HTTP server.
func Mux(t testing.TB, transport Transport, service *Service, options ...runtime.ServeMuxOption) *runtime.ServeMux {
	t.Helper()
	mux := runtime.NewServeMux(options...)
	if transport == InProcess {
		if err := probev1.RegisterProbeServiceHandlerServer(t.Context(), mux, service); err != nil {
			t.Fatal(err)
		}
		return mux
	}
	return Connect(t, Serve(t, service), mux)
}

// Connect makes a mux the gateway of the gRPC server at an address.
func Connect(t testing.TB, address string, mux *runtime.ServeMux, options ...grpc.DialOption) *runtime.ServeMux {
	t.Helper()
	conn, err := grpc.NewClient(address, append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := probev1.RegisterProbeServiceHandler(context.WithoutCancel(t.Context()), mux, conn); err != nil {
		t.Fatal(err)
	}
	return mux
}

// Serve starts a gRPC server for a service on loopback and returns its address.
func Serve(t testing.TB, service probev1.ProbeServiceServer, options ...grpc.ServerOption) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(options...)
	probev1.RegisterProbeServiceServer(server, service)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}
