package gateway_test

import (
	"fmt"
	"testing"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
)

// resetStock is what grpc-gateway makes of a stream that is reset, by the error codes of RFC 9113 section 7.
var resetStock = []struct {
	name  string
	stock int
}{
	{"NO_ERROR", 500},
	{"PROTOCOL_ERROR", 500},
	{"INTERNAL_ERROR", 500},
	{"FLOW_CONTROL_ERROR", 429},
	{"SETTINGS_TIMEOUT", 500},
	{"STREAM_CLOSED", 500},
	{"FRAME_SIZE_ERROR", 500},
	{"REFUSED_STREAM", 503},
	{"CANCEL", 499},
	{"COMPRESSION_ERROR", 500},
	{"CONNECT_ERROR", 500},
	{"ENHANCE_YOUR_CALM", 429},
	{"INADEQUATE_SECURITY", 403},
	{"HTTP_1_1_REQUIRED", 500},
	{"a code that there is not", 500},
}

// TestFaultReset is about streams that are reset: 502, whatever the code says.
func TestFaultReset(t *testing.T) {
	var incidents []incident
	for code, c := range resetStock {
		text := "RST_STREAM with error code: " + c.name
		if code == len(resetStock)-1 {
			text = "RST_STREAM with error code"
		}
		incidents = append(incidents, stages(incident{
			name: fmt.Sprintf("%#x %s", code, c.name), answer: func(s *badpeer.Stream) { s.Reset(uint32(code)) },
			status: 502, origin: gateway.OriginUpstream, text: text, stock: c.stock,
		})...)
	}
	runIncidents(t, incidents)
}
