package testkit

import (
	"context"
	"errors"
	"io"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// BehaveStream sets the behaviour of the server streams. If it is nil, a stream behaves like a unary method and sends
// one message.
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
func (s *Service) Watch(_ *testkitv1.WatchRequest, stream grpc.ServerStreamingServer[testkitv1.WatchResponse]) error {
	sequence := int32(0)
	return s.behaveStream(stream.Context(), func() error {
		sequence++
		return stream.Send(&testkitv1.WatchResponse{Sequence: sequence})
	})
}

// Export implements the service.
func (s *Service) Export(_ *testkitv1.ExportRequest, stream grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	return s.behaveStream(stream.Context(), func() error {
		return stream.Send(&httpbody.HttpBody{ContentType: "application/zip", Data: []byte("PK")})
	})
}

// Upload implements the service.
func (s *Service) Upload(stream grpc.ClientStreamingServer[testkitv1.UploadRequest, testkitv1.UploadResponse]) error {
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
	return stream.SendAndClose(&testkitv1.UploadResponse{Parts: parts})
}

// Chat implements the service.
func (s *Service) Chat(stream grpc.BidiStreamingServer[testkitv1.ChatRequest, testkitv1.ChatResponse]) error {
	line := ""
	return s.behaveStream(stream.Context(), func() error {
		if line == "" {
			request, err := stream.Recv()
			if err != nil {
				return err
			}
			line = request.GetLine()
		}
		return stream.Send(&testkitv1.ChatResponse{Line: line})
	})
}
