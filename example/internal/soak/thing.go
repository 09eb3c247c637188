package soak

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"google.golang.org/genproto/googleapis/api/httpbody"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// inner is in every internal text of the service. Clients must not read it.
const inner = "inner-7f3a"

// order tells the service what to do.
type order struct {
	kind     string // succeed, error, code, details, status, plain, panic or hang
	number   int    // the HTTP status or the gRPC code
	messages int    // the number of messages of a stream before its end
	details  int    // the set of details of an error
	mark     string // the text that the response must contain
}

func (o order) String() string {
	return fmt.Sprintf("%s %d %d %d %s", o.kind, o.number, o.messages, o.details, o.mark)
}

func parseOrder(text string) (o order, err error) {
	_, err = fmt.Sscanf(text, "%s %d %d %d %s", &o.kind, &o.number, &o.messages, &o.details, &o.mark)
	if err != nil {
		err = mapping.Errorf(400, "the text is not an order: %w", err)
	}
	return o, err
}

// things is a service that executes orders.
type things struct {
	testkitv1.UnimplementedThingServiceServer

	hanging sync.Map // the *hanging of each call that hangs, by mark
}

// hanging reports the begin and the end of a call that hangs.
type hanging struct{ begun, ended chan struct{} }

func (s *things) do(ctx context.Context, o order) error {
	switch o.kind {
	case "succeed":
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
		code := codes.Code(o.number)
		if mapping.HTTPStatus(code) >= 500 && code != codes.ResourceExhausted { // an option maps this one to 429
			return status.Error(code, inner)
		}
		return status.Error(code, "for "+o.mark)
	case "details":
		failure := mapping.Errorf(o.number, "for %s: %w", o.mark, errors.New(inner))
		failure.Message = "for " + o.mark
		failure.Details = "where: " + o.mark
		return failure.WithDetails(attach(o.details, o.mark).messages...)
	case "status":
		return o.statusWithDetails()
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

// statusWithDetails returns an error without the help of this library, as services in any language do.
func (o order) statusWithDetails() error {
	st := &spb.Status{Code: int32(o.number), Message: "for " + o.mark}
	for _, message := range attach(o.details, o.mark).messages {
		detail, err := anypb.New(message)
		if err != nil {
			return err
		}
		st.Details = append(st.Details, detail)
	}
	return status.ErrorProto(st)
}

// markTrailer is the trailer that the service sends with each response.
const markTrailer = "x-request-mark"

// Rename reads its order from the name.
func (s *things) Rename(ctx context.Context, in *testkitv1.RenameRequest) (*testkitv1.RenameResponse, error) {
	o, err := parseOrder(in.GetName())
	if err == nil {
		err = grpc.SetTrailer(ctx, metadata.Pairs(markTrailer, o.mark))
	}
	if err == nil {
		err = s.do(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	return &testkitv1.RenameResponse{Thing: &testkitv1.Thing{Id: in.GetId(), Name: o.mark}}, nil
}

// Suspend returns a response. Its proto declares the status.
func (s *things) Suspend(_ context.Context, in *testkitv1.SuspendRequest) (*testkitv1.SuspendResponse, error) {
	return &testkitv1.SuspendResponse{Thing: &testkitv1.Thing{Id: in.GetId()}}, nil
}

// Chat reads its order from the first line.
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
	if o.messages > 0 && o.kind == "succeed" {
		return nil // the status has been sent
	}
	return s.do(stream.Context(), o)
}

// Watch sends the number of the thing until the client leaves.
func (s *things) Watch(in *testkitv1.WatchRequest, stream grpc.ServerStreamingServer[testkitv1.WatchResponse]) error {
	for {
		if err := stream.Send(&testkitv1.WatchResponse{Sequence: in.GetId()}); err != nil {
			return err
		}
	}
}

// Export fails after the first part of a download.
func (s *things) Export(in *testkitv1.ExportRequest, stream grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	part := &httpbody.HttpBody{ContentType: "text/plain", Data: []byte(markOf(int64(in.GetId())))}
	if err := stream.Send(part); err != nil {
		return err
	}
	return errors.New(inner)
}
