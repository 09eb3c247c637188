package testkit

import (
	"context"
	"sync/atomic"

	"google.golang.org/genproto/googleapis/api/httpbody"

	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// Service is the test service. Each method returns a plain success, unless the current behaviour fails.
type Service struct {
	testkitv1.UnimplementedThingServiceServer
	behaviour atomic.Pointer[Behaviour]
	stream    atomic.Pointer[StreamBehaviour]
	calls     atomic.Int64
}

// Behave sets what every method does before it returns. A nil behaviour is a plain success.
func (s *Service) Behave(b Behaviour) {
	s.behaviour.Store(&b)
}

// Calls returns the number of calls that reached the service.
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
func (s *Service) Get(ctx context.Context, in *testkitv1.GetRequest) (*testkitv1.GetResponse, error) {
	if err := s.behave(ctx); err != nil {
		return nil, err
	}
	return &testkitv1.GetResponse{Thing: &testkitv1.Thing{Id: in.GetId(), Name: "thing", Kind: in.GetKind()}}, nil
}

// Create implements the service.
func (s *Service) Create(ctx context.Context, in *testkitv1.CreateRequest) (*testkitv1.CreateResponse, error) {
	if err := s.behave(ctx); err != nil {
		return nil, err
	}
	return &testkitv1.CreateResponse{Thing: in.GetThing()}, nil
}

// Update implements the service.
func (s *Service) Update(ctx context.Context, in *testkitv1.UpdateRequest) (*testkitv1.UpdateResponse, error) {
	if err := s.behave(ctx); err != nil {
		return nil, err
	}
	return &testkitv1.UpdateResponse{Thing: in.GetThing(), UpdateMask: in.GetUpdateMask()}, nil
}

// Replace implements the service.
func (s *Service) Replace(ctx context.Context, in *testkitv1.ReplaceRequest) (*testkitv1.ReplaceResponse, error) {
	if err := s.behave(ctx); err != nil {
		return nil, err
	}
	return &testkitv1.ReplaceResponse{Thing: in.GetThing()}, nil
}

// Delete implements the service.
func (s *Service) Delete(ctx context.Context, _ *testkitv1.DeleteRequest) (*testkitv1.DeleteResponse, error) {
	if err := s.behave(ctx); err != nil {
		return nil, err
	}
	return &testkitv1.DeleteResponse{}, nil
}

// Rename implements the service.
func (s *Service) Rename(ctx context.Context, in *testkitv1.RenameRequest) (*testkitv1.RenameResponse, error) {
	if err := s.behave(ctx); err != nil {
		return nil, err
	}
	return &testkitv1.RenameResponse{Thing: &testkitv1.Thing{Id: in.GetId(), Name: in.GetName()}}, nil
}

// Name implements the service.
func (s *Service) Name(ctx context.Context, in *testkitv1.NameRequest) (*testkitv1.NameResponse, error) {
	if err := s.behave(ctx); err != nil {
		return nil, err
	}
	return &testkitv1.NameResponse{Thing: &testkitv1.Thing{Id: in.GetId(), Name: "thing"}}, nil
}

// Download implements the service.
func (s *Service) Download(ctx context.Context, _ *testkitv1.DownloadRequest) (*httpbody.HttpBody, error) {
	if err := s.behave(ctx); err != nil {
		return nil, err
	}
	return &httpbody.HttpBody{ContentType: "text/plain", Data: []byte("bytes")}, nil
}

// Suspend implements the service.
func (s *Service) Suspend(ctx context.Context, in *testkitv1.SuspendRequest) (*testkitv1.SuspendResponse, error) {
	if err := s.behave(ctx); err != nil {
		return nil, err
	}
	return &testkitv1.SuspendResponse{Thing: &testkitv1.Thing{Id: in.GetId()}}, nil
}

// Purge implements the service.
func (s *Service) Purge(ctx context.Context, _ *testkitv1.PurgeRequest) (*testkitv1.PurgeResponse, error) {
	if err := s.behave(ctx); err != nil {
		return nil, err
	}
	return &testkitv1.PurgeResponse{}, nil
}
