package gateway_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/fault"
)

// pageStock is what grpc-gateway makes of an HTML page in place of a reply: grpc-go's table of codes, and then its own.
var pageStock = map[int]int{
	200: 500, 301: 500, 400: 500, 401: 401, 403: 403, 404: 501, 405: 500, 408: 500, 413: 500, 429: 503, 500: 500, 502: 503, 503: 503, 504: 503,
}

// pageAnswer returns the status that DESIGN 2.6 gives to a page: the proxy is busy, something is slow, or the page is an
// invalid response, whatever it says of the caller.
func pageAnswer(httpStatus int) int {
	switch httpStatus {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return http.StatusServiceUnavailable
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}

// TestFaultHTTP is about HTTP answers that are no gRPC replies.
func TestFaultHTTP(t *testing.T) {
	const page = "<html>" + marker + "</html>"
	var incidents []incident
	for httpStatus, stock := range pageStock {
		incidents = append(incidents, incident{
			name: fmt.Sprintf("HTML %d", httpStatus),
			answer: func(s *fault.Stream) {
				s.Headers(":status", strconv.Itoa(httpStatus), "content-type", "text/html", "www-authenticate", marker,
					"location", "/"+marker, "retry-after", "7", "set-cookie", marker)
				s.LastData([]byte(page))
			},
			status: pageAnswer(httpStatus), origin: gateway.OriginUpstream, text: marker, stock: stock,
		}, incident{
			name: fmt.Sprintf("HTML %d without a body", httpStatus),
			answer: func(s *fault.Stream) {
				s.Trailers(":status", strconv.Itoa(httpStatus), "content-type", "text/html", "www-authenticate", marker)
			},
			status: pageAnswer(httpStatus), origin: gateway.OriginUpstream, text: strconv.Itoa(httpStatus), stock: stock,
		})
	}
	runIncidents(t, append(incidents,
		incident{
			name: "no content type",
			answer: func(s *fault.Stream) {
				s.Headers(":status", "200")
				s.LastData([]byte(page))
			},
			status: 502, origin: gateway.OriginUpstream, text: "missing HTTP content-type", stock: 500,
		},
		incident{
			name: "JSON 401",
			answer: func(s *fault.Stream) {
				s.Headers(":status", "401", "content-type", "application/json", "www-authenticate", marker)
				s.LastData([]byte(`{"code":401,"message":"` + marker + `"}`))
			},
			status: 502, origin: gateway.OriginUpstream, text: marker, stock: 401,
		},
		incident{
			name: "gRPC-Web",
			answer: func(s *fault.Stream) {
				s.Headers(":status", "200", "content-type", "application/grpc-web+proto")
				s.LastData(fault.Message(0x80, []byte("grpc-status: 5\r\ngrpc-message: "+marker)))
			},
			status: 502, origin: gateway.OriginUpstream, text: "application/grpc-web+proto", stock: 500,
		},
		incident{
			// Taken at its word: the page is read as the length of a message.
			name: "503 as application/grpc",
			answer: func(s *fault.Stream) {
				s.Headers(":status", "503", "content-type", "application/grpc")
				s.LastData([]byte(page))
			},
			status: 502, origin: gateway.OriginUpstream, text: "received message larger than max", stock: 429,
		},
	))
}
