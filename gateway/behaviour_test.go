package gateway_test

import (
	"context"
	"net/http"
	"strconv"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/internal/probe"
	"github.com/statusbridge/statusbridge/mapping"
)

var errNotFound = status.Error(codes.NotFound, "no such thing")

// fails is a behaviour that returns an error.
func fails(err error) probe.Behaviour {
	return func(context.Context) error { return err }
}

// chooses is a service that sets the statuses of its success, one after the other.
func chooses(httpStatuses ...int) probe.Behaviour {
	return func(ctx context.Context) error {
		for _, httpStatus := range httpStatuses {
			if err := mapping.SetHTTPStatus(ctx, httpStatus); err != nil {
				return err
			}
		}
		return nil
	}
}

// claims is a service that writes the control metadata by hand, as one in another language might.
func claims(httpStatuses ...string) probe.Behaviour {
	return func(ctx context.Context) error {
		return grpc.SetHeader(ctx, metadata.MD{contract.HTTPStatusKey: httpStatuses})
	}
}

func claim(httpStatus int) probe.Behaviour {
	return claims(strconv.Itoa(httpStatus))
}

// sets is a service that sends header and trailer metadata and then returns an error, or none.
func sets(header, trailer metadata.MD, err error) probe.Behaviour {
	return func(ctx context.Context) error {
		if e := grpc.SetHeader(ctx, header); e != nil {
			return e
		}
		if e := grpc.SetTrailer(ctx, trailer); e != nil {
			return e
		}
		return err
	}
}

// says is a handler beside the generated ones.
func says(body string) runtime.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
		_, _ = w.Write([]byte(body))
	}
}

// brokenOption is a forward option that panics half-way.
func brokenOption(_ context.Context, w http.ResponseWriter, _ proto.Message) error {
	w.Header().Set("ETag", `"7"`)
	panic("tenant 7")
}
