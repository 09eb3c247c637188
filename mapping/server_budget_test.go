package mapping_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestServerOptions_budget sends errors of any size to a client that accepts few headers. A status that fits the budget
// is sent unchanged.
func TestServerOptions_budget(t *testing.T) {
	service := &testkit.Service{}
	client := backend(t, service, mapping.ServerOptions()...)
	help := func(size int) proto.Message { return &errdetails.DebugInfo{Detail: strings.Repeat("d", size)} }
	for name, st := range map[string]*spb.Status{
		"a message":                 wire(codes.NotFound, strings.Repeat("long ", 20_000)),
		"a message just right":      wire(codes.NotFound, strings.Repeat("m", budget)),
		"a message one too long":    wire(codes.NotFound, strings.Repeat("m", budget+1)),
		"a percent-encoded message": wire(codes.NotFound, strings.Repeat("é", budget/6)),
		"one percent-encoded more":  wire(codes.NotFound, strings.Repeat("é", budget/6+1)),
		"details":                   wire(codes.NotFound, "gone", help(100_000)),
		"details just right":        wire(codes.NotFound, "gone", help(3016)),
		"many details":              wire(codes.NotFound, "gone", help(1000), help(1000), help(1000), help(1000)),
		"a message and details":     wire(codes.NotFound, strings.Repeat("m", 5000), help(5000)),
		"our detail": wire(codes.Unavailable, "away",
			&statusbridgev1.Error{Code: 502, Message: strings.Repeat("m", 9000), Details: strings.Repeat("d", 9000)}),
		"our detail after another": wire(codes.Unavailable, "away", help(9000),
			&statusbridgev1.Error{Code: 502, Message: "away"}),
		"a message of control bytes": wire(codes.NotFound, strings.Repeat("\x00\n%", 3000)),
	} {
		for wrapping, err := range map[string]error{
			"plain": status.ErrorProto(st), "wrapped": fmt.Errorf("x: %w", status.ErrorProto(st)),
		} {
			for kind, invoke := range kinds {
				t.Run(name+" "+wrapping+" "+kind, func(t *testing.T) {
					service.Behave(func(context.Context) error { return err })
					got := status.Convert(invoke(t.Context(), client))
					if uint32(got.Code()) != uint32(st.GetCode()) || wireSize(got) > budget || got.Message() == "" {
						t.Errorf("%d arrived as %d with %d bytes and the message %.40q", st.GetCode(), got.Code(),
							wireSize(got), got.Message())
					}
					if fits := wireSize(status.FromProto(st)) <= budget; fits && !proto.Equal(got.Proto(), st) {
						t.Errorf("a status within the budget arrived as %.2000v", got.Proto())
					}
					if e := mapping.FromError(got.Err()); strings.HasPrefix(name, "our detail") && e.HTTPStatus != 502 {
						t.Errorf("a 502 arrived as %d", e.HTTPStatus)
					}
				})
			}
		}
	}
}

// TestServerOptions_invalid_UTF8 corrects a message that is not UTF-8, and keeps the details. grpc-go drops the details
// of such a status, and with them the exact HTTP status.
func TestServerOptions_invalid_UTF8(t *testing.T) {
	service := &testkit.Service{}
	client := backend(t, service, mapping.ServerOptions()...)
	st := wire(codes.Unavailable, "no \xff thing", &statusbridgev1.Error{Code: 502, Message: "nonsense"})
	for wrapping, err := range map[string]error{"plain": status.ErrorProto(st),
		"wrapped": fmt.Errorf("x: %w", status.ErrorProto(st))} {
		for kind, invoke := range kinds {
			service.Behave(func(context.Context) error { return err })
			got := mapping.FromError(invoke(t.Context(), client))
			if got.HTTPStatus != 502 || got.Message != "nonsense" {
				t.Errorf("%s, %s: arrived as %d %q", wrapping, kind, got.HTTPStatus, got.Message)
			}
		}
	}
}
