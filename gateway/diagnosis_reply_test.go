package gateway_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	_ "google.golang.org/grpc/encoding/gzip" // a gateway that accepts compressed replies imports it

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
)

// TestDiagnosisOfUnreadableMessages sends replies that are gRPC and cannot be read: 502.
func TestDiagnosisOfUnreadableMessages(t *testing.T) {
	t.Parallel()
	limited := []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1 << 10))}
	large := bytes.Repeat([]byte{0}, 2<<10)
	compressed := badpeer.Gzip([]byte(marker))
	// reply is a message that a server sends in good faith: trailers of a success follow. For a stream it is the first,
	// and then the second.
	reply := func(name, encoding string, message []byte, text string, without int) []incident {
		i := incident{name: name, status: 502, origin: gateway.OriginUpstream, text: text, without: without,
			dial: limited}
		i.answer = func(s *badpeer.Stream) {
			s.Begin("grpc-encoding", encoding)
			s.Data(message)
			s.Trailers("grpc-status", "0")
		}
		second := i
		second.name, second.only, second.late = name+" after another", stream, true
		second.answer = func(s *badpeer.Stream) {
			s.Begin("grpc-encoding", encoding)
			s.Data(anyReply)
			s.Data(message)
			s.Trailers("grpc-status", "0")
		}
		return []incident{i, second}
	}
	mistyped := reply("another message", "identity",
		badpeer.Message(0, append([]byte{0x0a, byte(len(marker) + 1), 0xff}, marker...)),
		"failed to unmarshal", 500)[0]
	mistyped.stream = &routes[6].call
	runIncidents(t, concat(
		reply("no message", "identity", badpeer.Message(0, []byte("\xff\xff\xff"+marker)), "failed to unmarshal", 500),
		[]incident{mistyped},
		reply("too large", "identity", badpeer.Message(0, large), "received message larger than max", 429),
		reply("announced as too large", "identity", badpeer.Announce(0, 1<<30), "received message larger than max",
			429),
		reply("unknown encoding", "lz4", badpeer.Message(1, compressed),
			`Decompressor is not installed for grpc-encoding "lz4"`, 500),
		reply("broken gzip", "gzip", badpeer.Message(1, []byte(marker)), "failed to decompress", 500),
		reply("gzip cut short", "gzip", badpeer.Message(1, compressed[:len(compressed)-9]), "decompress", 500),
		reply("gzip of what is too large", "gzip", badpeer.Message(1, badpeer.Gzip(bytes.Repeat([]byte{0}, 1<<18))),
			"after decompression larger than max", 429),
		reply("compressed with identity", "identity", badpeer.Message(1, compressed), "compressed flag set", 500),
		reply("a flag that there is not", "identity", badpeer.Message(2, nil), "unexpected payload format 2", 500),
		reply("cut short", "identity", append(badpeer.Announce(0, 100), marker...), "unexpected EOF", 500),
		[]incident{
			{
				name: "compressed without an encoding",
				answer: func(s *badpeer.Stream) {
					s.Begin()
					s.Data(badpeer.Message(1, compressed))
					s.Trailers("grpc-status", "0")
				},
				status: 502, origin: gateway.OriginUpstream, text: "compressed flag set", without: 500,
			},
			{
				name: "two messages", only: unary,
				answer: func(s *badpeer.Stream) {
					s.Begin()
					s.Data(anyReply)
					s.Data(anyReply)
					s.Trailers("grpc-status", "0")
				},
				status: 502, origin: gateway.OriginUpstream, text: "but received another message", without: 500,
			},
			{
				name: "bytes without a header", only: unary, answer: headless,
				status: 502, origin: gateway.OriginUpstream, text: "without sending trailers", without: 500,
			},
			{
				// A stream gives the message out all the same.
				name: "bytes without a header", only: stream, late: true, answer: headless,
				status: 502, origin: gateway.OriginUpstream, text: "without sending trailers", without: 200,
			},
		},
	))
}

func headless(s *badpeer.Stream) { s.LastData(anyReply) }

// resetsWithout is what grpc-gateway makes of a stream that is reset, by the error codes of RFC 9113 section 7.
var resetsWithout = []struct {
	name    string
	without int
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

// TestDiagnosisOfResets resets streams with each error code: 502.
func TestDiagnosisOfResets(t *testing.T) {
	t.Parallel()
	var incidents []incident
	for code, c := range resetsWithout {
		text := "RST_STREAM with error code: " + c.name
		if code == len(resetsWithout)-1 {
			text = "RST_STREAM with error code"
		}
		incidents = append(incidents, stages(incident{
			name: fmt.Sprintf("%#x %s", code, c.name), answer: func(s *badpeer.Stream) { s.Reset(uint32(code)) },
			status: 502, origin: gateway.OriginUpstream, text: text, without: c.without,
		})...)
	}
	runIncidents(t, incidents)
}

// TestDiagnosisOfTrailers sends replies whose status is missing, malformed or unknown to gRPC.
func TestDiagnosisOfTrailers(t *testing.T) {
	t.Parallel()
	// trailers are sent alone, after the header, and after a message.
	trailers := func(name string, i incident, fields ...string) []incident {
		i.name = name
		if i.status == 0 {
			i.status, i.origin = 502, gateway.OriginUpstream
		}
		alone := i
		alone.name += " alone"
		alone.answer = func(s *badpeer.Stream) {
			s.Trailers(append([]string{":status", "200", "content-type", "application/grpc"}, fields...)...)
		}
		i.answer = func(s *badpeer.Stream) { s.Trailers(fields...) }
		return append([]incident{alone}, stages(i)[1:]...)
	}
	status := func(values ...string) []string {
		var fields []string
		for _, value := range values {
			fields = append(fields, "grpc-status", value)
		}
		return append(fields, "grpc-message", marker)
	}
	undefined := incident{status: 500, origin: gateway.OriginBackend, text: marker, without: 500}
	found := incident{status: 404, origin: gateway.OriginBackend, message: marker, text: marker, without: 404}
	limited := []grpc.DialOption{grpc.WithMaxHeaderListSize(1 << 10)}
	runIncidents(t, concat(
		stages(incident{
			name: "no trailers", answer: func(s *badpeer.Stream) { s.LastData(nil) },
			status: 502, origin: gateway.OriginUpstream, text: "server closed the stream without sending trailers",
			without: 500,
		})[1:],
		trailers("no status", incident{text: "code = Unknown", without: 500}, "x-request-id", marker),
		trailers("nothing", incident{text: "code = Unknown", without: 500})[1:],
		trailers("a status of words", incident{text: "malformed grpc-status", without: 500}, status("NOT_FOUND")...),
		trailers("an empty status", incident{text: "malformed grpc-status", without: 500}, status("")...),
		trailers("a status of many digits", incident{text: "malformed grpc-status", without: 500},
			status("5"+strings.Repeat("0", 20))...),
		trailers("a repeated status", found, status("5", "5")...),
		// grpc-go takes the last, and says nothing of the others.
		trailers("two statuses", found, status("0", "5")...),
		trailers("status 77", undefined, status("77")...),
		trailers("status -1", undefined, status("-1")...),
		trailers("metadata that is not base64", incident{text: "malformed x-bin", without: 500},
			append(status("5"), "x-bin", "%%")...),
		trailers("details that are not base64", incident{text: "malformed grpc-status-details-bin", without: 500},
			append(status("5"), "grpc-status-details-bin", "%%")...),
		trailers("a field without a name", incident{text: "invalid header field name", without: 500},
			append(status("5"), "", "x")...),
		trailers("many trailers over the limit", incident{
			text: "peer header list size exceeded limit", without: 500, dial: limited,
		}, append(status("5"), strings.Split(strings.Repeat("x,"+marker+",", 40)+"x,y", ",")...)...),
		trailers("one trailer over the limit", incident{
			text: "error reading from server: connection error", without: 503, dial: limited,
		}, append(status("5"), "x", strings.Repeat(marker, 400))...),
		[]incident{
			{
				name: "OK without a message", only: unary,
				answer: func(s *badpeer.Stream) {
					s.Begin()
					s.Trailers("grpc-status", "0")
				},
				status: 502, origin: gateway.OriginUpstream, text: "received no response message", without: 500,
			},
			{
				name: "OK alone without a message", only: unary,
				answer: func(s *badpeer.Stream) {
					s.Trailers(":status", "200", "content-type", "application/grpc", "grpc-status", "0")
				},
				status: 502, origin: gateway.OriginUpstream, text: "received no response message", without: 500,
			},
			{
				name: "OK without a message is an empty stream", only: stream,
				answer: func(s *badpeer.Stream) {
					s.Begin()
					s.Trailers("grpc-status", "0")
				},
				status: 200, without: 200,
			},
		},
		stages(incident{
			name: "headers in the middle",
			answer: func(s *badpeer.Stream) {
				s.Headers("x-request-id", marker)
				s.Data(anyReply)
			},
			status: 502, origin: gateway.OriginUpstream,
			text: "a HEADERS frame cannot appear in the middle of a stream", without: 500,
		})[1:],
	))
}

// pagesWithout are the statuses of grpc-gateway without this library for an HTML page in place of a reply: grpc-go's
// table of codes, and then its own.
var pagesWithout = map[int]int{
	200: 500, 301: 500, 400: 500, 401: 401, 403: 403, 404: 501, 405: 500, 408: 500, 413: 500, 429: 503, 500: 500,
	502: 503, 503: 503, 504: 503,
}

// pageStatus returns the status for an HTTP page. The proxy is busy, or something is slow, or the page is an invalid
// response. The caller is never blamed.
func pageStatus(httpStatus int) int {
	switch httpStatus {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return http.StatusServiceUnavailable
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}

// TestDiagnosisOfPages sends HTTP responses in place of gRPC replies.
func TestDiagnosisOfPages(t *testing.T) {
	t.Parallel()
	const page = "<html>" + marker + "</html>"
	var incidents []incident
	for httpStatus, without := range pagesWithout {
		incidents = append(incidents, incident{
			name: fmt.Sprintf("HTML %d", httpStatus),
			answer: func(s *badpeer.Stream) {
				s.Headers(":status", strconv.Itoa(httpStatus), "content-type", "text/html", "www-authenticate", marker,
					"location", "/"+marker, "retry-after", "7", "set-cookie", marker)
				s.LastData([]byte(page))
			},
			status: pageStatus(httpStatus), origin: gateway.OriginUpstream, text: marker, without: without,
		}, incident{
			name: fmt.Sprintf("HTML %d without a body", httpStatus),
			answer: func(s *badpeer.Stream) {
				s.Trailers(":status", strconv.Itoa(httpStatus), "content-type", "text/html", "www-authenticate", marker)
			},
			status: pageStatus(httpStatus), origin: gateway.OriginUpstream, text: strconv.Itoa(httpStatus),
			without: without,
		})
	}
	runIncidents(t, append(incidents,
		incident{
			name: "no content type",
			answer: func(s *badpeer.Stream) {
				s.Headers(":status", "200")
				s.LastData([]byte(page))
			},
			status: 502, origin: gateway.OriginUpstream, text: "missing HTTP content-type", without: 500,
		},
		incident{
			name: "JSON 401",
			answer: func(s *badpeer.Stream) {
				s.Headers(":status", "401", "content-type", "application/json", "www-authenticate", marker)
				s.LastData([]byte(`{"code":401,"message":"` + marker + `"}`))
			},
			status: 502, origin: gateway.OriginUpstream, text: marker, without: 401,
		},
		incident{
			name: "gRPC-Web",
			answer: func(s *badpeer.Stream) {
				s.Headers(":status", "200", "content-type", "application/grpc-web+proto")
				s.LastData(badpeer.Message(0x80, []byte("grpc-status: 5\r\ngrpc-message: "+marker)))
			},
			status: 502, origin: gateway.OriginUpstream, text: "application/grpc-web+proto", without: 500,
		},
		incident{
			// grpc-go reads the page as the length of a message.
			name: "503 as application/grpc",
			answer: func(s *badpeer.Stream) {
				s.Headers(":status", "503", "content-type", "application/grpc")
				s.LastData([]byte(page))
			},
			status: 502, origin: gateway.OriginUpstream, text: "received message larger than max", without: 429,
		},
	))
}

// TestLateTrailer ends a call and sends a trailer after it, in one TCP segment. Such a trailer does not count, so each
// of many calls is a 502. A trailer that contains only a status looks like the end of the call, but a caller is not
// blamed for the reset.
func TestLateTrailer(t *testing.T) {
	const calls = 1000
	page := func(httpStatus string) func(*badpeer.Stream) {
		return func(s *badpeer.Stream) { s.Trailers(":status", httpStatus, "content-type", "text/html") }
	}
	reset := func(code uint32) func(*badpeer.Stream) { return func(s *badpeer.Stream) { s.Reset(code) } }
	beginAndReset := func(s *badpeer.Stream) { s.Begin(); s.Reset(0xc) }
	status := func(fields ...string) []string { return append(fields, "grpc-status", "5") }
	for name, c := range map[string]struct {
		end     func(*badpeer.Stream)
		trailer []string
	}{
		"401": {page("401"), status("x", "y")}, "403": {page("403"), status("x", "y")},
		"404": {page("404"), status("x", "y")}, "INTERNAL_ERROR": {reset(0x2), status("x", "y")},
		"INADEQUATE_SECURITY":                               {reset(0xc), status("x", "y")},
		"INADEQUATE_SECURITY after the header":              {beginAndReset, status("x", "y")},
		"INADEQUATE_SECURITY after the header, status only": {beginAndReset, status()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := badpeer.Listen(t, nil, badpeer.HTTP2(func(s *badpeer.Stream) {
				s.Together(func(s *badpeer.Stream) {
					c.end(s)
					s.Trailers(c.trailer...)
				})
			}))
			for sight, dial := range sights() {
				sent, origins := map[int]int{}, map[gateway.Origin]int{}
				observe := func(_ context.Context, o gateway.Observation) { origins[o.Origin]++ }
				mux := gateway.New(gateway.WithObserver(observe)).NewServeMux()
				dialUpstream(t, upstream{address, insecure.NewCredentials()}, mux, dial...)
				for _, path := range []string{"/v1/things/1", watch.Path} {
					for range calls {
						recorder := httptest.NewRecorder()
						mux.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
						sent[recorder.Code]++
					}
				}
				if sent[502] != 2*calls || origins[gateway.OriginUpstream] != 2*calls {
					t.Errorf("%s: sent %v, observed %v", sight, sent, origins)
				}
			}
		})
	}
}

// TestDiagnosisLimit sends a backend a request that is over its own receive limit: 400, so that clients do not retry.
func TestDiagnosisLimit(t *testing.T) {
	limited := func(t *testing.T, secure bool) upstream {
		t.Helper()
		if !secure {
			return upstream{testkit.ServeGRPC(t, &testkit.Service{}, grpc.MaxRecvMsgSize(1)), insecure.NewCredentials()}
		}
		authority, server := trusted(t)
		address := testkit.ServeGRPC(t, &testkit.Service{}, grpc.MaxRecvMsgSize(1),
			grpc.Creds(credentials.NewTLS(server)))
		return upstream{address, authority.Credentials()}
	}
	runIncidents(t, []incident{
		{
			name: "plain", start: limited,
			status: 400, message: anyMessage, origin: gateway.OriginRequest, text: "larger than max", without: 429,
		},
		{
			name: "compressed", start: limited,
			dial:   []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.UseCompressor(gzip.Name))},
			status: 400, message: anyMessage, origin: gateway.OriginRequest, text: "larger than max", without: 429,
		},
	})
}

// TestDiagnosisOtherLimit has a backend pass on an error of its client: a message over a limit. The size is not that of
// the request, as DialOptions know.
func TestDiagnosisOtherLimit(t *testing.T) {
	incidents := fromBackend("other", codes.ResourceExhausted,
		"grpc: received message larger than max (5242880 vs. 4194304)")
	for n, i := range incidents {
		if !replies[n].header {
			i.blind = &blind{
				status: 400, message: anyMessage, origin: gateway.OriginRequest,
				why: "a server refuses a large request with the same text",
			}
		} else {
			i.status, i.message, i.origin = 502, "", gateway.OriginUpstream
			if replies[n].trailer {
				i.blind = &blind{only: unary, status: 503, origin: gateway.OriginBackend, why: "trailer metadata"}
			}
		}
		incidents[n] = i
	}
	runIncidents(t, incidents)
}

// TestDiagnosisOfOwnLimit receives replies over the gateway's own limit, of each size that the request may have. The
// caller cannot make a reply smaller: 502.
func TestDiagnosisOfOwnLimit(t *testing.T) {
	t.Parallel()
	for size := 2; size < 32; size++ {
		address := badpeer.Listen(t, nil, badpeer.HTTP2(func(s *badpeer.Stream) {
			s.Together(func(s *badpeer.Stream) {
				s.Begin()
				s.Data(badpeer.Message(0, make([]byte, size)))
				s.Trailers("grpc-status", "0")
			})
		}))
		for sight, dial := range sights() {
			mux := standard.NewServeMux()
			dialUpstream(t, upstream{address, insecure.NewCredentials()}, mux,
				append(dial, grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1)))...)
			base := testkit.Serve(t, mux)
			for route, c := range map[string]call{unary: {}, stream: watch} {
				if r := c.To(t, base); r.Status != 502 {
					t.Errorf("%s, %s, %d bytes: responded with %d %s", sight, route, size, r.Status, r.Body)
				}
			}
		}
	}
}
