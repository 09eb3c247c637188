package gateway_test

import (
	"encoding/base64"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// hostileReply is an HTTP/2 response in place of a gRPC reply.
type hostileReply struct {
	httpStatus  int
	contentType string
	body        []byte
	status      string // grpc-status, in the trailers or, without a body, in the header alone
	message     string
	details     []byte
}

func (h *hostileReply) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	prefix := ""
	if len(h.body) > 0 {
		prefix = http.TrailerPrefix
	}
	w.Header()["Content-Type"] = []string{h.contentType}
	if len(h.body) > 0 {
		w.WriteHeader(h.httpStatus)
		_, _ = w.Write(h.body)
		_ = http.NewResponseController(w).Flush()
	}
	w.Header().Set(prefix+"End", "yes") // net/http ends a stream with trailers only if one of them is valid
	w.Header().Set(prefix+"Grpc-Status", h.status)
	w.Header().Set(prefix+"Grpc-Message", h.message)
	if len(h.details) > 0 {
		w.Header().Set(prefix+"Grpc-Status-Details-Bin", base64.RawStdEncoding.EncodeToString(h.details))
	}
	if len(h.body) == 0 {
		w.WriteHeader(h.httpStatus)
	}
}

// isGRPC reports whether the reply claims to be gRPC
// (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). Clients then ignore its HTTP status.
func (h *hostileReply) isGRPC() bool {
	rest, ok := strings.CutPrefix(strings.ToLower(h.contentType), "application/grpc")
	return ok && (rest == "" || rest[0] == '+' || rest[0] == ';')
}

// backendCheck has a backend that sends the current reply, and gateways for it.
type backendCheck struct {
	reply    atomic.Pointer[hostileReply]
	gateways hostileGateways
}

func newBackendCheck(t testing.TB) *backendCheck {
	b := &backendCheck{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.reply.Load().ServeHTTP(w, r)
	}))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	b.gateways = newHostileGateways(t, server.Listener.Addr().String())
	return b
}

// check sends any reply to a call of the route.
func (b *backendCheck) check(t *testing.T, httpStatus uint16, contentType string, body []byte, status, message string,
	details []byte, route byte, evidence, second bool,
) {
	h := &hostileReply{200 + int(httpStatus-200)%400, contentType, body, status, message + innerMark, details}
	if strings.Contains(string(body)+message+contentType+string(details)+status, "-mark") ||
		len(body)+len(details)+len(message) > 1<<13 {
		return
	}
	if !h.isGRPC() && len(body) > 0 {
		h.body = append([]byte(foreignMark), body...)
	}
	b.reply.Store(h)
	c := hostileRoutes[int(route)%len(hostileRoutes)]
	r, err := b.gateways.send(c, evidence, second)
	wantHostile(t, c, r, err, h.isGRPC() && strings.Trim(h.status, "0") == "" && h.status != "", len(body) > 0)
	if r.Status >= 300 && !h.isGRPC() && !slices.Contains([]int{502, 503, 504}, r.Status) {
		t.Errorf("a %d of %q gets %d", h.httpStatus, h.contentType, r.Status)
	}
	if t.Failed() {
		t.Logf("%s, evidence %t, HTTP/2 %t: the backend sent %+v", c.Path, evidence, second, *h)
	}
}

// TestWalkBackend chooses content types and statuses that a random text would never hit.
func TestWalkBackend(t *testing.T) {
	contentTypes := []string{"application/grpc", "application/grpc+proto", "Application/GRPC;x", "application/grpcx",
		"text/html", "application/json", ""}
	b := newBackendCheck(t)
	testkit.Walk(t, func(t *testing.T, httpStatus uint16, contentType, status byte, body, message, details []byte,
		framed bool, route byte, evidence, second bool,
	) {
		if framed {
			body = badpeer.Message(0, body)
		}
		b.check(t, httpStatus, contentTypes[int(contentType)%len(contentTypes)], body,
			sentCodes[int(status)%len(sentCodes)], string(message), details, route, evidence, second)
	})
}

// FuzzBackend has an HTTP/2 server send anything in the backend's place. Replies that are not gRPC give 502, 503 or
// 504, failures never become successes, and internals stay hidden.
func FuzzBackend(f *testing.F) {
	message := func(m proto.Message) []byte { return badpeer.Message(0, marshaled(f, m)) }
	thing := message(&testkitv1.GetResponse{Thing: &testkitv1.Thing{Id: 1}})
	watched := message(&testkitv1.WatchResponse{Sequence: 1})
	claim := func(code int32, claimed int32) []byte {
		return marshaled(f, &spb.Status{Code: code, Message: "text", Details: []*anypb.Any{
			detail(f, &statusbridgev1.Error{Code: claimed, Message: "for the client"}),
		}})
	}
	for way := range byte(len(hostileRoutes) * 4) {
		add := func(httpStatus uint16, contentType string, body []byte, status, message string, details []byte) {
			f.Add(httpStatus, contentType, body, status, message, details, way/4, way&1 == 0, way&2 == 0)
		}
		add(200, "application/grpc", thing, "0", "", nil)
		add(200, "application/grpc", watched, "0", "", nil)
		add(200, "application/grpc+proto", nil, "5", "no such thing", nil)
		add(200, "application/grpc", append(slices.Clone(watched), watched...), "9", "in use", claim(9, 409))
		add(200, "application/grpc", nil, "14", "dial tcp 10.0.0.3", claim(14, 502))
		add(200, "application/grpc", nil, "14", "dial tcp 10.0.0.3", claim(14, 200))
		add(200, "application/grpc", nil, "16", "", claim(0, 0))
		add(200, "application/grpc", thing, "", "", nil)
		add(200, "application/grpc", thing, "-1", "", nil)
		add(200, "application/grpc", thing[:4], "0", "", nil)
		add(200, "application/grpc", []byte("\x01\x00\x00\x00\x01x"), "0", "", nil)
		add(200, "application/grpc", []byte("\x00\xff\xff\xff\xff"), "0", "", nil)
		add(200, "application/grpc", nil, "0", "", nil)
		add(200, "application/grpc", nil, "2",
			"unexpected HTTP status code received from server: 404 (Not Found)", nil)
		add(200, "application/grpc", nil, "13", "grpc: failed to unmarshal the received message: x", nil)
		add(200, "text/html", []byte("<html>welcome"), "", "", nil)
		add(401, "text/html", []byte("<html>who are you"), "", "", nil)
		add(404, "application/grpc", nil, "", "", nil)
		add(503, "text/plain", []byte("x"), "", "", nil)
		add(504, "", nil, "7", "%zz%0d%0a", []byte("\xff"))
	}
	f.Fuzz(newBackendCheck(f).check)
}
