package mapping_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// trailerSize is what gRPC over HTTP/2 makes of a status: a percent-encoded message and, with details, base64.
func trailerSize(st *spb.Status) int {
	size := 0
	for _, c := range []byte(st.GetMessage()) {
		if size++; c < 0x20 || c > 0x7e || c == '%' {
			size += 2
		}
	}
	if len(st.GetDetails()) > 0 {
		size += base64.RawStdEncoding.EncodedLen(proto.Size(st))
	}
	return size
}

// TestServerOptionsBudget keeps every error within the budget, so that a client with little room for trailers reads
// it. One that fits is sent as it is, to the byte.
func TestServerOptionsBudget(t *testing.T) {
	service := &testkit.Service{}
	client := backend(t, service, mapping.ServerOptions()...)
	help := func(size int) proto.Message { return &errdetails.DebugInfo{Detail: strings.Repeat("d", size)} }
	for name, st := range map[string]*spb.Status{
		"a message":                  wire(codes.NotFound, strings.Repeat("long ", 20_000)),
		"a message just right":       wire(codes.NotFound, strings.Repeat("m", budget)),
		"a message one too long":     wire(codes.NotFound, strings.Repeat("m", budget+1)),
		"a percent-encoded message":  wire(codes.NotFound, strings.Repeat("é", budget/6)),
		"one percent-encoded more":   wire(codes.NotFound, strings.Repeat("é", budget/6+1)),
		"details":                    wire(codes.NotFound, "gone", help(100_000)),
		"details just right":         wire(codes.NotFound, "gone", help(3016)),
		"many details":               wire(codes.NotFound, "gone", help(1000), help(1000), help(1000), help(1000)),
		"a message and details":      wire(codes.NotFound, strings.Repeat("m", 5000), help(5000)),
		"our detail":                 wire(codes.Unavailable, "away", &statusbridgev1.Error{Code: 502, Message: strings.Repeat("m", 9000), Details: strings.Repeat("d", 9000)}),
		"our detail behind another":  wire(codes.Unavailable, "away", help(9000), &statusbridgev1.Error{Code: 502, Message: "away"}),
		"a message of control bytes": wire(codes.NotFound, strings.Repeat("\x00\n%", 3000)),
	} {
		for wrapping, err := range map[string]error{
			"as it is": status.ErrorProto(st), "wrapped": fmt.Errorf("x: %w", status.ErrorProto(st)),
		} {
			for kind, invoke := range kinds {
				t.Run(name+" "+wrapping+" "+kind, func(t *testing.T) {
					service.Behave(func(context.Context) error { return err })
					got := status.Convert(invoke(t.Context(), client)).Proto()
					if got.GetCode() != st.GetCode() || trailerSize(got) > budget || got.GetMessage() == "" {
						t.Errorf("%v arrived as %d with %d bytes and the message %.40q", codes.Code(st.GetCode()), got.GetCode(), trailerSize(got), got.GetMessage())
					}
					if diff := cmp.Diff(st, got, protocmp.Transform()); trailerSize(st) <= budget && diff != "" {
						t.Errorf("a status within the budget was altered:\n%.2000s", diff)
					}
					if e := mapping.FromError(status.ErrorProto(got)); strings.HasPrefix(name, "our detail") && e.HTTPStatus != 502 {
						t.Errorf("a 502 arrived as %d", e.HTTPStatus)
					}
				})
			}
		}
	}
}

// TestServerOptionsUTF8 mends a message that is not UTF-8. grpc-go does too, but then drops the details, the exact
// status among them.
func TestServerOptionsUTF8(t *testing.T) {
	service := &testkit.Service{}
	client := backend(t, service, mapping.ServerOptions()...)
	st := wire(codes.Unavailable, "no \xff thing", &statusbridgev1.Error{Code: 502, Message: "nonsense"})
	for wrapping, err := range map[string]error{"as it is": status.ErrorProto(st), "wrapped": fmt.Errorf("x: %w", status.ErrorProto(st))} {
		for kind, invoke := range kinds {
			service.Behave(func(context.Context) error { return err })
			got := mapping.FromError(invoke(t.Context(), client))
			if got.HTTPStatus != 502 || got.Message != "nonsense" {
				t.Errorf("%s, %s: arrived as %d %q", wrapping, kind, got.HTTPStatus, got.Message)
			}
		}
	}
}
