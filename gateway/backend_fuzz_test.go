package gateway_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/statusbridge/statusbridge/gateway"
	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/testkit"
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

// hostileBackend returns a backend that sends what the fuzz target tells it to, and two gateways for it: with the
// evidence of DialOptions and without.
func hostileBackend(f *testing.F) (*atomic.Pointer[hostileReply], map[bool]*runtime.ServeMux) {
	var reply atomic.Pointer[hostileReply]
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter,
		r *http.Request) {
		reply.Load().ServeHTTP(w, r)
	}))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	f.Cleanup(server.Close)
	muxes := map[bool]*runtime.ServeMux{}
	for evidence, options := range map[bool][]grpc.DialOption{true: gateway.DialOptions(), false: nil} {
		conn, err := grpc.NewClient(server.Listener.Addr().String(),
			append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
		if err != nil {
			f.Fatal(err)
		}
		f.Cleanup(func() { _ = conn.Close() })
		muxes[evidence] = standard.NewServeMux()
		if err := testkitv1.RegisterThingServiceHandler(f.Context(), muxes[evidence], conn); err != nil {
			f.Fatal(err)
		}
	}
	return &reply, muxes
}

// FuzzBackend has an HTTP/2 server send anything in the backend's place. Replies that are not gRPC give 502, 503 or
// 504, failures never become successes, and internals stay hidden.
func FuzzBackend(f *testing.F) {
	message := func(m proto.Message) []byte {
		wire := marshaled(f, m)
		return append([]byte{0, 0, 0, 0, byte(len(wire))}, wire...)
	}
	thing := message(&testkitv1.GetResponse{Thing: &testkitv1.Thing{Id: 1}})
	watched := message(&testkitv1.WatchResponse{Sequence: 1})
	claim := func(code int32, claimed int32) []byte {
		return marshaled(f, &spb.Status{Code: code, Message: "text", Details: []*anypb.Any{
			detail(f, &statusbridgev1.Error{Code: claimed, Message: "for the client"}),
		}})
	}
	for _, stream := range []bool{false, true} {
		for _, evidence := range []bool{false, true} {
			add := func(httpStatus uint16, contentType string, body []byte, status, message string, details []byte) {
				f.Add(httpStatus, contentType, body, status, message, details, stream, evidence)
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
	}
	current, muxes := hostileBackend(f)
	f.Fuzz(func(t *testing.T, httpStatus uint16, contentType string, body []byte, status, message string,
		details []byte, stream, evidence bool) {
		h := &hostileReply{200 + int(httpStatus-200)%400, contentType, body, status, message + innerMark, details}
		if strings.Contains(string(body)+message+contentType+string(details)+status, "-mark") ||
			len(body)+len(details)+len(message) > 1<<13 {
			return
		}
		if !h.isGRPC() && len(body) > 0 {
			h.body = append([]byte(foreignMark), body...)
		}
		current.Store(h)
		path := "/v1/things/1"
		if stream {
			path = watch.Path
		}
		recorder := httptest.NewRecorder()
		aborted := serveAborting(muxes[evidence], recorder, httptest.NewRequest(http.MethodGet, path, nil))
		wantHostileResponse(t, h, testkit.Recorded(recorder), stream && recorder.Flushed, aborted)
	})
}

// serveAborting reports whether the handler aborted the connection.
func serveAborting(h http.Handler, w http.ResponseWriter, r *http.Request) (aborted bool) {
	defer func() {
		if v := recover(); v != nil {
			if v != http.ErrAbortHandler { //nolint:errorlint // net/http compares as well
				panic(v)
			}
			aborted = true
		}
	}()
	h.ServeHTTP(w, r)
	return false
}

func wantHostileResponse(t *testing.T, h *hostileReply, r testkit.Response, streamed, aborted bool) {
	t.Helper()
	succeeded := h.isGRPC() && strings.Trim(h.status, "0") == "" && h.status != ""
	switch {
	case aborted:
		if !streamed {
			t.Error("nothing was sent, and the connection was aborted")
		}
	case r.Status == 200 && !streamed:
		if !succeeded {
			t.Errorf("%+q gets a success: %q", h.body, r.Body)
		}
	case r.Status == 200:
		wantHostileStream(t, r.Body, succeeded)
	default:
		wantDocumentedError(t, r)
		if !h.isGRPC() && !slices.Contains([]int{502, 503, 504}, r.Status) {
			t.Errorf("a %d of %q gets %d", h.httpStatus, h.contentType, r.Status)
		}
	}
	if r.Status >= 500 && strings.Contains(r.Body, innerMark) || strings.Contains(r.Body, foreignMark) {
		t.Errorf("a %d says %q", r.Status, r.Body)
	}
}

// wantHostileStream demands that a stream ends in the documented chunk, unless it succeeded.
func wantHostileStream(t *testing.T, body string, succeeded bool) {
	t.Helper()
	chunks := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
	var last struct {
		Error *struct {
			Code    int
			Message string
		}
	}
	if err := json.Unmarshal([]byte(chunks[len(chunks)-1]), &last); err != nil && body != "" {
		t.Errorf("%v in %q", err, body)
	}
	switch {
	case last.Error == nil && !succeeded:
		t.Errorf("a stream that failed ends as if it had not: %q", body)
	case last.Error == nil:
	case !slices.Contains(testkit.ErrorStatuses, last.Error.Code):
		t.Errorf("a stream ends with %q", body)
	case last.Error.Code >= 500 && strings.Contains(last.Error.Message, innerMark):
		t.Errorf("a stream ends with %q", body)
	}
}
