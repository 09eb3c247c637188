package mapping_test

import (
	"context"
	"math"
	"testing"

	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/mapping"
)

// TestSetHTTPStatus accepts every 2xx inside a call, before the headers are sent.
func TestSetHTTPStatus(t *testing.T) {
	call := client(t)
	for _, row := range page {
		var got error
		if err := call(func(ctx context.Context) error {
			got = mapping.SetHTTPStatus(ctx, row.status)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if success := row.status >= 200 && row.status <= 299; (got == nil) != success {
			t.Errorf("SetHTTPStatus(%d) = %v", row.status, got)
		}
	}
	refused := 0
	if err := call(func(ctx context.Context) error {
		for httpStatus := math.MinInt16; httpStatus <= math.MaxInt16; httpStatus++ {
			if mapping.SetHTTPStatus(ctx, httpStatus) != nil {
				refused++
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := 1<<16 - 100; refused != want {
		t.Errorf("%d of all int16 are refused, want all but 200..299, %d", refused, want)
	}
	if err := mapping.SetHTTPStatus(t.Context(), 202); err == nil {
		t.Error("a status was set outside a call")
	}
	var late error
	if err := call(func(ctx context.Context) error {
		if err := grpc.SendHeader(ctx, nil); err != nil {
			return err
		}
		late = mapping.SetHTTPStatus(ctx, 202)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if late == nil {
		t.Error("a status was set after the headers had been sent")
	}
}
