package probe

import (
	"context"
	"errors"
	"io"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/internal/probe/probev1"
)

// StreamBehaviour is what a server stream does: it sends as many messages as it wants, and returns what it ends with.
type StreamBehaviour func(ctx context.Context, send func() error) error

// BehaveStream sets what the server streams do from now on; nil sends one message.
func (s *Service) BehaveStream(b StreamBehaviour) {
	s.stream.Store(&b)
}

func (s *Service) behaveStream(ctx context.Context, send func() error) error {
	if b := s.stream.Load(); b != nil && *b != nil {
		s.calls.Add(1)
		return (*b)(ctx, send)
	}
	if err := s.behave(ctx); err != nil {
		return err
	}
	return send()
}

// Watch implements the service.
func (s *Service) Watch(_ *probev1.WatchRequest, stream grpc.ServerStreamingServer[probev1.WatchResponse]) error {
	sequence := int32(0)
	return s.behaveStream(stream.Context(), func() error {
		sequence++
		return stream.Send(&probev1.WatchResponse{Sequence: sequence})
	})
}

// Export implements the service.
func (s *Service) Export(_ *probev1.ExportRequest, stream grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	return s.behaveStream(stream.Context(), func() error {
		return stream.Send(&httpbody.HttpBody{ContentType: "application/zip", Data: []byte("PK")})
	})
}

// Upload implements the service.
func (s *Service) Upload(stream grpc.ClientStreamingServer[probev1.UploadRequest, probev1.UploadResponse]) error {
	parts := int32(0)
	for {
		_, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		parts++
	}
	if err := s.behave(stream.Context()); err != nil {
		return err
	}
	return stream.SendAndClose(&probev1.UploadResponse{Parts: parts})
}

// Chat implements the service.
func (s *Service) Chat(stream grpc.BidiStreamingServer[probev1.ChatRequest, probev1.ChatResponse]) error {
	line := ""
	return s.behaveStream(stream.Context(), func() error {
		if line == "" {
			request, err := stream.Recv()
			if err != nil {
				return err
			}
			line = request.GetLine()
		}
		return stream.Send(&probev1.ChatResponse{Line: line})
	})
}
