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

// TestTwirpErrors forwards an error of each code of Twirp. Its specification gives the codes the meaning of the gRPC
// codes with the same name. It adds malformed, like invalid_argument, and bad_route, for a path that does not exist.
func TestTwirpErrors(t *testing.T) {
	var errs []clientError
	for code, want := range map[twirp.ErrorCode]received{
		twirp.Canceled:           hides(codes.Canceled, 503),
		twirp.Unknown:            hides(codes.Unknown, 500),
		twirp.InvalidArgument:    says(codes.InvalidArgument, 400, "no hat"),
		twirp.Malformed:          says(codes.InvalidArgument, 400, "no hat"),
		twirp.DeadlineExceeded:   hides(codes.DeadlineExceeded, 504),
		twirp.NotFound:           says(codes.NotFound, 404, "no hat"),
		twirp.BadRoute:           says(codes.NotFound, 404, "no hat"),
		twirp.AlreadyExists:      says(codes.AlreadyExists, 409, "no hat"),
		twirp.PermissionDenied:   says(codes.PermissionDenied, 403, "no hat"),
		twirp.Unauthenticated:    says(codes.Unauthenticated, 401, "no hat"),
		twirp.ResourceExhausted:  hides(codes.ResourceExhausted, 503),
		twirp.FailedPrecondition: says(codes.FailedPrecondition, 409, "no hat"),
		twirp.Aborted:            says(codes.Aborted, 409, "no hat"),
		twirp.OutOfRange:         says(codes.OutOfRange, 400, "no hat"),
		twirp.Unimplemented:      hides(codes.Unimplemented, 501),
		twirp.Internal:           hides(codes.Internal, 500),
		twirp.Unavailable:        hides(codes.Unavailable, 503),
		twirp.DataLoss:           hides(codes.DataLoss, 500),
	} {
		errs = append(errs, clientError{
			name: string(code), want: want,
			err: call(t, orderHat, example.NewHaberdasherServer(hats{twirp.NewError(code, "no hat")})),
		})
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
			want: says(codes.NotFound, 404, "no hat"),
		},
		{
			name: "InvalidArgumentError", err: twirp.InvalidArgumentError("inches", "must be positive"),
			row:  "`invalid_argument`",
			want: says(codes.InvalidArgument, 400, "inches must be positive"),
		},
		{
			name: "a failed precondition", err: twirp.FailedPrecondition.Error("hats are sold out"),
			row:  "`failed_precondition`",
			want: says(codes.FailedPrecondition, 409, "hats are sold out"),
		},
		{
			name: "InternalError", err: twirp.InternalError("secret"), row: "`internal`",
			want: hides(codes.Internal, 500),
		},
		{
			name: "InternalErrorWith", err: twirp.InternalErrorWith(errors.New("secret")),
			want: hides(codes.Internal, 500),
		},
		{
			name: "InternalErrorWith a gRPC status",
			err:  twirp.InternalErrorWith(status.Error(codes.Aborted, "hats are being counted")),
			want: says(codes.Aborted, 409, "hats are being counted"),
		},
	}
}

// TestTwirpClientElsewhere calls servers that do not speak Twirp. Its specification has a code for their statuses.
func TestTwirpClientElsewhere(t *testing.T) {
	html := func(httpStatus int) error {
		return call(t, orderHat, respondWith(httpStatus, "<h1>secret</h1>", "Content-Type", "text/html"))
	}
	checkClientErrors(t, []clientError{
		{name: "a proxy's 502", err: html(502), want: hides(codes.Unavailable, 503)},
		{
			name: "a proxy's 404", err: html(404),
			want: says(codes.NotFound, 404, `Error from intermediary with HTTP status code 404 "Not Found"`),
		},
		{name: "a gateway's 400", err: call(t, orderHat, gatewayFor(t, 400)), want: hides(codes.Internal, 500)},
		{name: "a gateway's 409", err: call(t, orderHat, gatewayFor(t, 409)), want: hides(codes.Unknown, 500)},
	})
}
