package interop

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/twitchtv/twirp"
	"github.com/twitchtv/twirp/example"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// hats is Twirp's example service. It returns an error.
type hats struct{ err error }

func (h hats) MakeHat(context.Context, *example.Size) (*example.Hat, error) { return nil, h.err }

// orderHat calls that service and returns the error.
func orderHat(ctx context.Context, url string) error {
	_, err := example.NewHaberdasherProtobufClient(url, http.DefaultClient).MakeHat(ctx, &example.Size{Inches: 1})
	return err
}

// TestTwirpErrors forwards an error of each code of Twirp. Its specification says that the codes mean what those of gRPC
// with the same name mean. It adds malformed, like invalid_argument, and bad_route, for a path that does not exist.
func TestTwirpErrors(t *testing.T) {
	var errs []clientError
	for code, want := range map[twirp.ErrorCode]received{
		twirp.Canceled:           {exact: 503, code: codes.Canceled, httpStatus: 503},
		twirp.Unknown:            {exact: 500, code: codes.Unknown, httpStatus: 500},
		twirp.InvalidArgument:    {exact: 400, code: codes.InvalidArgument, httpStatus: 400},
		twirp.Malformed:          {exact: 400, code: codes.InvalidArgument, httpStatus: 400},
		twirp.DeadlineExceeded:   {exact: 504, code: codes.DeadlineExceeded, httpStatus: 504},
		twirp.NotFound:           {exact: 404, code: codes.NotFound, httpStatus: 404},
		twirp.BadRoute:           {exact: 404, code: codes.NotFound, httpStatus: 404},
		twirp.AlreadyExists:      {exact: 409, code: codes.AlreadyExists, httpStatus: 409},
		twirp.PermissionDenied:   {exact: 403, code: codes.PermissionDenied, httpStatus: 403},
		twirp.Unauthenticated:    {exact: 401, code: codes.Unauthenticated, httpStatus: 401},
		twirp.ResourceExhausted:  {exact: 503, code: codes.ResourceExhausted, httpStatus: 503},
		twirp.FailedPrecondition: {exact: 409, code: codes.FailedPrecondition, httpStatus: 409},
		twirp.Aborted:            {exact: 409, code: codes.Aborted, httpStatus: 409},
		twirp.OutOfRange:         {exact: 400, code: codes.OutOfRange, httpStatus: 400},
		twirp.Unimplemented:      {exact: 501, code: codes.Unimplemented, httpStatus: 501},
		twirp.Internal:           {exact: 500, code: codes.Internal, httpStatus: 500},
		twirp.Unavailable:        {exact: 503, code: codes.Unavailable, httpStatus: 503},
		twirp.DataLoss:           {exact: 500, code: codes.DataLoss, httpStatus: 500},
	} {
		failure := clientError{name: string(code), want: want}
		failure.want.message = "no hat"
		if want.httpStatus >= http.StatusInternalServerError {
			failure.want.message = sentences[want.httpStatus]
		}
		failure.err = call(t, orderHat, example.NewHaberdasherServer(hats{twirp.NewError(code, "no hat")}))
		errs = append(errs, failure)
	}
	checkClientErrors(t, errs)
}

// TestTwirpServerErrors forwards errors that a service makes with the constructors of Twirp.
func TestTwirpServerErrors(t *testing.T) {
	checkClientErrors(t, twirpErrors())
}

func twirpErrors() []clientError {
	return []clientError{
		{
			name: "NotFoundError", err: twirp.NotFoundError("no hat"), row: "`not_found`",
			want: received{exact: 404, code: codes.NotFound, httpStatus: 404, message: "no hat"},
		},
		{
			name: "InvalidArgumentError", err: twirp.InvalidArgumentError("inches", "must be positive"),
			row:  "`invalid_argument`",
			want: received{exact: 400, code: codes.InvalidArgument, httpStatus: 400, message: "inches must be positive"},
		},
		{
			name: "a failed precondition", err: twirp.FailedPrecondition.Error("hats are sold out"),
			row: "`failed_precondition`",
			want: received{
				exact: 409, code: codes.FailedPrecondition, httpStatus: 409, message: "hats are sold out",
			},
		},
		{
			name: "InternalError", err: twirp.InternalError("secret"), row: "`internal`",
			want: received{exact: 500, code: codes.Internal, httpStatus: 500, message: sentences[500]},
		},
		{
			name: "InternalErrorWith", err: twirp.InternalErrorWith(errors.New("secret")),
			want: received{exact: 500, code: codes.Internal, httpStatus: 500, message: sentences[500]},
		},
		{
			name: "InternalErrorWith a gRPC status",
			err:  twirp.InternalErrorWith(status.Error(codes.Aborted, "hats are being counted")),
			want: received{exact: 409, code: codes.Aborted, httpStatus: 409, message: "hats are being counted"},
		},
	}
}

// TestTwirpClientElsewhere calls servers that do not speak Twirp. Its specification has a code for their statuses.
func TestTwirpClientElsewhere(t *testing.T) {
	html := func(httpStatus int) error {
		return call(t, orderHat, respondWith(httpStatus, "<h1>secret</h1>", "Content-Type", "text/html"))
	}
	checkClientErrors(t, []clientError{
		{name: "a proxy's 502", err: html(502), want: received{
			exact: 503, code: codes.Unavailable, httpStatus: 503, message: sentences[503],
		}},
		{name: "a proxy's 404", err: html(404), want: received{
			exact: 404, code: codes.NotFound, httpStatus: 404,
			message: `Error from intermediary with HTTP status code 404 "Not Found"`,
		}},
		{name: "a gateway's 400", err: call(t, orderHat, gatewayFor(t, 400)), want: received{
			exact: 500, code: codes.Internal, httpStatus: 500, message: sentences[500],
		}},
		{name: "a gateway's 409", err: call(t, orderHat, gatewayFor(t, 409)), want: received{
			exact: 500, code: codes.Unknown, httpStatus: 500, message: sentences[500],
		}},
	})
}
