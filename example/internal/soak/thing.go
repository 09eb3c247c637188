package soak

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// inner stands in whatever a service says to itself. No client may read it.
const inner = "inner-7f3a"

// order is what a caller wants the service to do.
type order struct {
	kind     string // answer, error, code, plain, panic or hang
	number   int    // the status or the code
	messages int    // of a stream, before that
	mark     string // what the answer is to carry
}

func (o order) String() string {
	return fmt.Sprintf("%s %d %d %s", o.kind, o.number, o.messages, o.mark)
}

func parseOrder(text string) (o order, err error) {
	if _, err = fmt.Sscanf(text, "%s %d %d %s", &o.kind, &o.number, &o.messages, &o.mark); err != nil {
		err = mapping.Errorf(400, "no order: %w", err)
	}
	return o, err
}

// things is a service that does as it is told.
type things struct {
	testkitv1.UnimplementedThingServiceServer

	hanging sync.Map // by mark, the *hanging of a call that is to hang
}

// hanging tells how far a call that hangs has come.
type hanging struct{ begun, ended chan struct{} }

func (s *things) do(ctx context.Context, o order) error {
	switch o.kind {
	case "answer":
		if o.number == 0 {
			return nil
		}
		return mapping.SetHTTPStatus(ctx, o.number)
	case "error":
		failure := mapping.Errorf(o.number, "for %s: %w", o.mark, errors.New(inner))
		failure.Message = "for " + o.mark
		failure.Details = "where: " + o.mark
		return failure
	case "code":
		if mapping.HTTPStatus(codes.Code(o.number)) >= 500 {
			return status.Error(codes.Code(o.number), inner)
		}
		return status.Error(codes.Code(o.number), "for "+o.mark)
	case "panic":
		panic(inner)
	case "hang":
		if known, ok := s.hanging.Load(o.mark); ok {
			h := known.(*hanging)
			close(h.begun)
			defer close(h.ended)
		}
		<-ctx.Done()
		return ctx.Err()
	default:
		return errors.New(inner)
	}
}

// Rename takes its order as a name.
func (s *things) Rename(ctx context.Context, in *testkitv1.RenameRequest) (*testkitv1.RenameResponse, error) {
	o, err := parseOrder(in.GetName())
	if err == nil {
		err = s.do(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	return &testkitv1.RenameResponse{Thing: &testkitv1.Thing{Id: in.GetId(), Name: o.mark}}, nil
}

// Suspend declares its status.
func (s *things) Suspend(_ context.Context, in *testkitv1.SuspendRequest) (*testkitv1.SuspendResponse, error) {
	return &testkitv1.SuspendResponse{Thing: &testkitv1.Thing{Id: in.GetId()}}, nil
}

// Chat takes its order as the first line.
func (s *things) Chat(stream grpc.BidiStreamingServer[testkitv1.ChatRequest, testkitv1.ChatResponse]) error {
	request, err := stream.Recv()
	if err != nil {
		return err
	}
	o, err := parseOrder(request.GetLine())
	if err != nil {
		return err
	}
	for range o.messages {
		if err := stream.Send(&testkitv1.ChatResponse{Line: o.mark}); err != nil {
			return err
		}
	}
	if o.messages > 0 && o.kind == "answer" {
		return nil // its status has left
	}
	return s.do(stream.Context(), o)
}

// Watch sends the number of the thing for as long as somebody listens.
func (s *things) Watch(in *testkitv1.WatchRequest, stream grpc.ServerStreamingServer[testkitv1.WatchResponse]) error {
	for {
		if err := stream.Send(&testkitv1.WatchResponse{Sequence: in.GetId()}); err != nil {
			return err
		}
	}
}

// Export fails after a part of what it exports.
func (s *things) Export(in *testkitv1.ExportRequest, stream grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	if err := stream.Send(&httpbody.HttpBody{ContentType: "text/plain", Data: []byte(markOf(int64(in.GetId())))}); err != nil {
		return err
	}
	return errors.New(inner)
}
