package statusconnect

import (
	"errors"

	"connectrpc.com/connect"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/statusbridge/statusbridge/mapping"
)

// statusError is an error with a gRPC status: a mapping.Error or an error of grpc-go.
type statusError interface {
	error
	GRPCStatus() *status.Status
}

// outgoing returns the error to give to connect-go in place of err. The result is nil only if err is nil. It is err
// itself if connect-go sends the right status for it.
func outgoing(err error) error {
	if err == nil {
		return nil
	}
	own, exact := outermost(err)
	switch {
	case exact != nil:
		return rebuild(mapping.FromError(err).GRPCStatus().Proto(), err, nil)
	case own != nil:
		return bounded(own, err)
	default:
		return err
	}
}

// outermost returns the error of err's chain that decides its status: a *connect.Error or a statusError. If
// there are both, it is the one that wraps the other. It returns nil twice if there is neither.
func outermost(err error) (*connect.Error, statusError) {
	var own *connect.Error
	var exact statusError
	hasOwn, hasExact := errors.As(err, &own), errors.As(err, &exact)
	switch {
	case hasOwn && hasExact && wraps(exact, own):
		return nil, exact
	case hasOwn:
		return own, nil
	case hasExact:
		return nil, exact
	default:
		return nil, nil
	}
}

func wraps(outer error, inner *connect.Error) bool {
	var found *connect.Error
	return errors.As(outer, &found) && found == inner
}

// bounded returns err if the status of own is an error and fits into 4 KiB of trailers. Otherwise mapping shrinks the
// status or replaces its OK, and bounded returns an error with the result.
func bounded(own *connect.Error, err error) error {
	st := &spb.Status{Code: int32(own.Code()), Message: own.Message()}
	for _, detail := range own.Details() {
		packed := &anypb.Any{TypeUrl: "type.googleapis.com/" + detail.Type(), Value: detail.Bytes()}
		st.Details = append(st.Details, packed)
	}
	if codes.Code(own.Code()) == codes.OK {
		st.Code = int32(codes.Internal)
	}
	fitting := mapping.FromError(status.ErrorProto(st)).GRPCStatus().Proto()
	if codes.Code(own.Code()) != codes.OK && proto.Equal(fitting, st) {
		return err
	}
	return rebuild(fitting, err, own)
}

// rebuild returns a connect error that sends st and wraps cause. It keeps the metadata of own, if there is one.
func rebuild(st *spb.Status, cause error, own *connect.Error) *connect.Error {
	e := connect.NewError(connect.Code(uint32(st.GetCode())), reworded{st.GetMessage(), cause})
	for _, packed := range st.GetDetails() {
		if detail, err := connect.NewErrorDetail(packed); err == nil {
			e.AddDetail(detail)
		}
	}
	if own != nil && !connect.IsWireError(own) {
		for key, values := range own.Meta() {
			e.Meta()[key] = values
		}
	}
	return e
}

// reworded wraps an error and has another text: the message for the caller.
type reworded struct {
	message string
	error
}

func (r reworded) Error() string { return r.message }

func (r reworded) Unwrap() error { return r.error }
