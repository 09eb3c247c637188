package adoption

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// acceptedBefore chooses a status by the recipe.
func acceptedBefore(ctx context.Context) error {
	// docs: before
	return grpc.SetHeader(ctx, metadata.Pairs("x-http-code", "202"))
	// docs: end
}

// acceptedAfter chooses the same status with this library.
func acceptedAfter(ctx context.Context) error {
	// docs: after
	return mapping.SetHTTPStatus(ctx, 202)
	// docs: end
}

// createdAfter chooses a status that is not documented, which the gateway has to allow.
func createdAfter(ctx context.Context) error {
	// docs: created
	return mapping.SetHTTPStatus(ctx, 201)
	// docs: end
}

// recipe chooses a status by the recipe and then calls other behaviours.
func recipe(httpStatus string, then ...testkit.Behaviour) testkit.Behaviour {
	return sends(metadata.Pairs("x-http-code", httpStatus), then)
}

// chooses does the same with this library.
func chooses(httpStatus int, then ...testkit.Behaviour) testkit.Behaviour {
	return func(ctx context.Context) error {
		if err := mapping.SetHTTPStatus(ctx, httpStatus); err != nil {
			return err
		}
		return all(ctx, then)
	}
}

// claims sends a value that mapping.SetHTTPStatus refuses.
func claims(httpStatus string) testkit.Behaviour {
	return sends(metadata.Pairs("statusbridge-http-status", httpStatus), nil)
}

func sends(header metadata.MD, then []testkit.Behaviour) testkit.Behaviour {
	return func(ctx context.Context) error {
		if err := grpc.SetHeader(ctx, header); err != nil {
			return err
		}
		return all(ctx, then)
	}
}

func all(ctx context.Context, behaviours []testkit.Behaviour) error {
	for _, behave := range behaviours {
		if err := behave(ctx); err != nil {
			return err
		}
	}
	return nil
}

func fails(err error) testkit.Behaviour {
	return func(context.Context) error { return err }
}

func panics(context.Context) error { panic("tenant 7") }

func unary(behave testkit.Behaviour) Service { return Service{Unary: behave} }

// streams returns a service that sends messages and then returns err.
func streams(first testkit.Behaviour, messages int, err error) Service {
	return Service{Stream: func(ctx context.Context, send func() error) error {
		if e := first(ctx); e != nil {
			return e
		}
		for range messages {
			if e := send(); e != nil {
				return e
			}
		}
		return err
	}}
}

func nothing(context.Context) error { return nil }

var (
	errNotFound = status.Error(codes.NotFound, "no such thing")
	errExpired  = status.Error(codes.Unauthenticated, "token expired")
	errTooMany  = status.Error(codes.ResourceExhausted, "ten a second")
	errGo       = errors.New("pq: no password for 10.0.0.3")
	errWrapped  = fmt.Errorf("things: %w", context.DeadlineExceeded)
)

// errForeign has a detail of a type that the gateway does not link.
var errForeign = func() error {
	st := status.New(codes.NotFound, "no such thing").Proto()
	st.Details = append(st.Details, &anypb.Any{TypeUrl: "type.googleapis.com/acme.v1.Hint", Value: []byte{8, 7}})
	return status.FromProto(st).Err()
}()

// Options of both gateways.
var (
	// identity forwards metadata under its own name.
	identity = runtime.WithOutgoingHeaderMatcher(func(key string) (string, bool) { return key, true })
	// broken fails after the forward options have run.
	broken = runtime.WithForwardResponseRewriter(func(_ context.Context, message proto.Message) (any, error) {
		if _, failed := message.(interface{ GetCode() int32 }); failed {
			return message, nil
		}
		return nil, errors.New("template: no such field")
	})
	// report registers a handler by hand.
	report runtime.ServeMuxOption = func(mux *runtime.ServeMux) {
		handler := func(http.ResponseWriter, *http.Request, map[string]string) { panic("tenant 7") }
		if err := mux.HandlePath(http.MethodGet, "/v1/report", handler); err != nil {
			panic(err)
		}
	}
)
