package languages

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/languages/answerv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// serverAddress returns the address of the server under test. It is the server that a run.sh started, or else the
// server of this package with the observers, so that Go has the same cases.
func serverAddress(t *testing.T, observers ...mapping.Observer) string {
	t.Helper()
	if address := os.Getenv("ANSWER_SERVER"); address != "" {
		return address
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(mapping.ServerOptions(observers...)...)
	answerv1.RegisterAnswerServiceServer(server, answering{})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

// answering implements the service in Go.
type answering struct {
	answerv1.UnimplementedAnswerServiceServer
}

func (answering) Answer(ctx context.Context, in *statusbridgev1.Error) (*statusbridgev1.Error, error) {
	return in, answer(ctx, in)
}

func (answering) Watch(in *statusbridgev1.Error, stream grpc.ServerStreamingServer[statusbridgev1.Error]) error {
	if err := answer(stream.Context(), in); err != nil {
		return err
	}
	return stream.Send(in)
}

func answer(ctx context.Context, in *statusbridgev1.Error) error {
	switch code := int(in.GetCode()); {
	case code == 0:
		return errors.New(in.GetMessage())
	case code == 1:
		return submit(ctx, in.GetMessage())
	case code == 2:
		return refused(in.GetMessage())
	case code == 3:
		_ = grpc.SetTrailer(ctx, metadata.Pairs("www-authenticate", in.GetDetails()))
		return &mapping.Error{HTTPStatus: 401, Message: in.GetMessage()}
	case code < 0:
		return status.Error(codes.Code(-code), in.GetMessage())
	case code >= 200 && code <= 299:
		return mapping.SetHTTPStatus(ctx, code)
	default:
		return &mapping.Error{HTTPStatus: code, Message: in.GetMessage(), Details: in.GetDetails()}
	}
}

// refused returns an error with details of google.rpc.
func refused(message string) error {
	st, err := status.New(codes.InvalidArgument, message).WithDetails(
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "name", Description: "is taken"}, {Field: "pool", Description: "is empty"},
		}},
		&errdetails.RetryInfo{RetryDelay: durationpb.New(7 * time.Second)},
	)
	if err != nil {
		return err
	}
	return st.Err()
}

// submit is the example of the documentation, with a second status.
func submit(ctx context.Context, pool string) error {
	if pool == "" {
		return &mapping.Error{HTTPStatus: 400, Message: "the workspace is not valid", Details: "pool: is empty"}
	}
	if err := mapping.SetHTTPStatus(ctx, 204); err != nil {
		return err
	}
	return mapping.SetHTTPStatus(ctx, 202) // the last call counts
}
