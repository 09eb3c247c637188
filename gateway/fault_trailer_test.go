package gateway_test

import (
	"strings"
	"testing"

	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/fault"
)

// TestFaultTrailer is about replies whose status is missing, cannot be read, or is one that gRPC does not know.
func TestFaultTrailer(t *testing.T) {
	// trailers are sent alone, after the header, and after a message.
	trailers := func(name string, i incident, fields ...string) []incident {
		i.name = name
		if i.status == 0 {
			i.status, i.origin = 502, gateway.OriginUpstream
		}
		alone := i
		alone.name += " alone"
		alone.answer = func(s *fault.Stream) {
			s.Trailers(append([]string{":status", "200", "content-type", "application/grpc"}, fields...)...)
		}
		i.answer = func(s *fault.Stream) { s.Trailers(fields...) }
		return append([]incident{alone}, stages(i)[1:]...)
	}
	status := func(values ...string) []string {
		var fields []string
		for _, value := range values {
			fields = append(fields, "grpc-status", value)
		}
		return append(fields, "grpc-message", marker)
	}
	undefined := incident{status: 500, origin: gateway.OriginBackend, text: marker, stock: 500}
	found := incident{status: 404, origin: gateway.OriginBackend, message: marker, text: marker, stock: 404}
	limited := []grpc.DialOption{grpc.WithMaxHeaderListSize(1 << 10)}
	runIncidents(t, concat(
		stages(incident{
			name: "no trailers", answer: func(s *fault.Stream) { s.LastData(nil) },
			status: 502, origin: gateway.OriginUpstream, text: "server closed the stream without sending trailers", stock: 500,
		})[1:],
		trailers("no status", incident{text: "code = Unknown", stock: 500}, "x-request-id", marker),
		trailers("nothing", incident{text: "code = Unknown", stock: 500})[1:],
		trailers("a status of words", incident{text: "malformed grpc-status", stock: 500}, status("NOT_FOUND")...),
		trailers("an empty status", incident{text: "malformed grpc-status", stock: 500}, status("")...),
		trailers("a status of many digits", incident{text: "malformed grpc-status", stock: 500}, status("5"+strings.Repeat("0", 20))...),
		trailers("a repeated status", found, status("5", "5")...),
		// grpc-go takes the last, and says nothing of the others.
		trailers("two statuses", found, status("0", "5")...),
		trailers("status 77", undefined, status("77")...),
		trailers("status -1", undefined, status("-1")...),
		trailers("metadata that is not base64", incident{text: "malformed x-bin", stock: 500}, append(status("5"), "x-bin", "%%")...),
		trailers("details that are not base64", incident{text: "malformed grpc-status-details-bin", stock: 500},
			append(status("5"), "grpc-status-details-bin", "%%")...),
		trailers("a field without a name", incident{text: "invalid header field name", stock: 500}, append(status("5"), "", "x")...),
		trailers("many trailers over the limit", incident{
			text: "peer header list size exceeded limit", stock: 500, dial: limited,
		}, append(status("5"), strings.Split(strings.Repeat("x,"+marker+",", 40)+"x,y", ",")...)...),
		trailers("one trailer over the limit", incident{
			text: "error reading from server: connection error", stock: 503, dial: limited,
		}, append(status("5"), "x", strings.Repeat(marker, 400))...),
		[]incident{
			{
				name: "OK without a message", only: unary,
				answer: func(s *fault.Stream) {
					s.Begin()
					s.Trailers("grpc-status", "0")
				},
				status: 502, origin: gateway.OriginUpstream, text: "received no response message", stock: 500,
			},
			{
				name: "OK alone without a message", only: unary,
				answer: func(s *fault.Stream) {
					s.Trailers(":status", "200", "content-type", "application/grpc", "grpc-status", "0")
				},
				status: 502, origin: gateway.OriginUpstream, text: "received no response message", stock: 500,
			},
			{
				name: "OK without a message is an empty stream", only: stream,
				answer: func(s *fault.Stream) {
					s.Begin()
					s.Trailers("grpc-status", "0")
				},
				status: 200, stock: 200,
			},
		},
		stages(incident{
			name: "headers in the middle",
			answer: func(s *fault.Stream) {
				s.Headers("x-request-id", marker)
				s.Data(anyReply)
			},
			status: 502, origin: gateway.OriginUpstream, text: "a HEADERS frame cannot appear in the middle of a stream", stock: 500,
		})[1:],
	))
}
