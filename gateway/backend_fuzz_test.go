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
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	codepb "google.golang.org/genproto/googleapis/rpc/code"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/statusbridge/statusbridge/gateway"
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

// frame is what a hostile backend sends next.
type frame int

const (
	beginsReply frame = iota
	sendsMessage
	sendsUnreadable
	sendsPage
	endsWithStatus
	onlyStatus
	onlyPage
	endsWithoutStatus
	resets
	goesAway
	sendsOtherHeader
	sendsHint
	breaksWindow
	garbles
	cuts
	frames
)

var (
	sentCodes    = strings.Split("0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 x ", " ")
	pageStatuses = []string{"200", "204", "301", "400", "401", "403", "404", "408", "429", "500", "502", "503", "504"}
)

// framesOf reads a program of at most 16 frames, two bytes each: the frame and its argument.
func framesOf(program []byte) (sequence []frame, arguments []int) {
	for len(program) > 1 && len(sequence) < 16 {
		sequence = append(sequence, frame(program[0])%frames)
		arguments = append(arguments, int(program[1]))
		program = program[2:]
	}
	return sequence, arguments
}

func send(s *badpeer.Stream, f frame, n int) {
	code, page := sentCodes[n%len(sentCodes)], pageStatuses[n%len(pageStatuses)]
	switch f {
	case beginsReply:
		s.Begin()
	case sendsMessage:
		s.Data(badpeer.Message(0, nil))
	case sendsUnreadable:
		s.Data(badpeer.Message(byte(n%3), []byte("\xff"+foreignMark)))
	case sendsPage:
		s.Data([]byte("<html>" + foreignMark))
	case endsWithStatus:
		s.Trailers("grpc-status", code, "grpc-message", innerMark)
	case onlyStatus:
		s.Trailers(":status", "200", "content-type", "application/grpc", "grpc-status", code, "grpc-message", innerMark)
	case onlyPage:
		s.Trailers(":status", page, "content-type", "text/html", "www-authenticate", "Basic realm="+foreignMark)
	case endsWithoutStatus:
		s.LastData(nil)
	case resets:
		s.Reset(uint32(n % 16))
	case goesAway:
		s.GoAway(n%2 == 0, uint32(n%16), foreignMark)
	case sendsOtherHeader:
		s.Headers("x", "y")
	case sendsHint:
		s.Headers(":status", "103")
	case breaksWindow:
		s.WindowUpdate(uint32(n % 2))
	case garbles:
		s.Garble(foreignMark)
	case cuts:
		s.Cut()
	default:
	}
}

// allowedAfter returns the statuses that a client may get after a program, and whether the call may succeed. Only a
// status that was sent can be one of the service's.
func allowedAfter(sequence []frame, arguments []int) (statuses []int, ok bool) {
	statuses = []int{502, 503, 504}
	for i, f := range sequence {
		if f != endsWithStatus && f != onlyStatus {
			continue
		}
		switch n := arguments[i] % len(sentCodes); n {
		case 0:
			ok = true
		case 17:
			statuses = append(statuses, 500)
		case 18, 19:
		default:
			statuses = append(statuses, codeStatuses[codepb.Code(n)].status)
		}
	}
	return statuses, ok
}

// framesBackend returns a peer that sends the current program, and two gateways for it: with the evidence of
// DialOptions and without. The program ends with the connection, so that no call waits for ever.
func framesBackend(f *testing.F) (*atomic.Pointer[func(*badpeer.Stream)], map[bool]*runtime.ServeMux) {
	var script atomic.Pointer[func(*badpeer.Stream)]
	address := badpeer.Listen(f, nil, badpeer.HTTP2(func(s *badpeer.Stream) { (*script.Load())(s) }))
	muxes := map[bool]*runtime.ServeMux{}
	for evidence, options := range map[bool][]grpc.DialOption{true: gateway.DialOptions(), false: nil} {
		conn, err := grpc.NewClient(address, append(options,
			grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.Config{MaxDelay: time.Millisecond}}))...)
		if err != nil {
			f.Fatal(err)
		}
		f.Cleanup(func() { _ = conn.Close() })
		muxes[evidence] = standard.NewServeMux()
		if err := testkitv1.RegisterThingServiceHandler(f.Context(), muxes[evidence], conn); err != nil {
			f.Fatal(err)
		}
	}
	return &script, muxes
}

// FuzzFrames has a backend send any frames of HTTP/2. The client gets a status that the backend sent, or 502, 503 or
// 504.
func FuzzFrames(f *testing.F) {
	for _, stream := range []bool{false, true} {
		for _, evidence := range []bool{false, true} {
			for _, together := range []bool{false, true} {
				add := func(program ...byte) { f.Add(program, stream, evidence, together) }
				add()
				add(byte(beginsReply), 0, byte(sendsMessage), 0, byte(endsWithStatus), 0)
				add(byte(onlyStatus), 5)
				add(byte(beginsReply), 0, byte(sendsUnreadable), 0, byte(endsWithStatus), 7)
				add(byte(onlyPage), 4, byte(endsWithStatus), 7)
				add(byte(beginsReply), 0, byte(resets), 0xc, byte(endsWithStatus), 5)
				add(byte(beginsReply), 0, byte(sendsMessage), 0, byte(sendsMessage), 0, byte(goesAway), 1, byte(cuts),
					0)
				add(byte(sendsHint), 0, byte(beginsReply), 0, byte(sendsOtherHeader), 0)
				add(byte(breaksWindow), 0)
				add(byte(beginsReply), 0, byte(garbles), 0)
			}
		}
	}
	script, muxes := framesBackend(f)
	f.Fuzz(func(t *testing.T, program []byte, stream, evidence, together bool) {
		sequence, arguments := framesOf(program)
		play := func(s *badpeer.Stream) {
			for i := range sequence {
				send(s, sequence[i], arguments[i])
			}
		}
		current := func(s *badpeer.Stream) {
			if together {
				s.Together(play)
			} else {
				play(s)
			}
			s.Cut()
		}
		script.Store(&current)
		path := "/v1/things/1"
		if stream {
			path = watch.Path
		}
		recorder := httptest.NewRecorder()
		aborted := serveAborting(muxes[evidence], recorder, httptest.NewRequest(http.MethodGet, path, nil))
		r := testkit.Recorded(recorder)
		statuses, ok := allowedAfter(sequence, arguments)
		switch {
		case aborted:
			t.Error("the connection was aborted")
		case r.Status != 200:
			wantDocumentedError(t, r)
			if !slices.Contains(statuses, r.Status) {
				t.Errorf("%v %v: responded with %d %s, want one of %v", sequence, arguments, r.Status, r.Body, statuses)
			}
		case stream:
			wantHostileStream(t, r.Body, ok)
		case !ok || !slices.Contains(sequence, sendsMessage):
			t.Errorf("%v %v: responded with %d %s", sequence, arguments, r.Status, r.Body)
		}
		if strings.Contains(r.Body, foreignMark) || r.Status >= 500 && strings.Contains(r.Body, innerMark) {
			t.Errorf("%v %v: a %d says %s", sequence, arguments, r.Status, r.Body)
		}
	})
}
