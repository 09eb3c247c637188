package gateway_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/statusbridge/statusbridge/gateway"
	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// Marks start for what a backend says to itself. Inputs that contain one are passed over.
const (
	innerMark   = "inner-mark"   // in the message of a status: not for the client of a 5xx
	foreignMark = "foreign-mark" // in details that no client reads
)

// foreignDetails are the details that other libraries attach, and one that only looks like ours.
func foreignDetails(t testing.TB) []*anypb.Any {
	return []*anypb.Any{
		detail(t, &errdetails.DebugInfo{StackEntries: []string{foreignMark}, Detail: foreignMark}),
		detail(t, &errdetails.RequestInfo{RequestId: foreignMark, ServingData: foreignMark}),
		detail(t, &errdetails.ErrorInfo{Reason: foreignMark, Metadata: map[string]string{foreignMark: foreignMark}}),
		detail(t, &spb.Status{Code: 5, Message: foreignMark}),
		raw("type.googleapis.com/v2.Error",
			string(marshaled(t, &statusbridgev1.Error{Code: 409, Message: foreignMark}))),
	}
}

// handledAlone returns what ErrorHandler sends for an error, without a server.
func handledAlone(ctx context.Context, err error) testkit.Response {
	mux := runtime.NewServeMux()
	request := httptest.NewRequest(http.MethodGet, "/v1/things/1", nil)
	recorder := httptest.NewRecorder()
	gateway.ErrorHandler(ctx, mux, &runtime.JSONPb{}, recorder, request, err)
	return testkit.Recorded(recorder)
}

// handledBy returns what a mux sends to a request for a thing, without a server.
func handledBy(mux http.Handler) testkit.Response {
	recorder := httptest.NewRecorder()
	mux.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/v1/things/1", nil))
	return testkit.Recorded(recorder)
}

// wantDocumentedError demands what holds for every error there can be: a documented error status, and the documented
// form.
func wantDocumentedError(t *testing.T, r testkit.Response) {
	t.Helper()
	if err := r.ErrorDefect(); err != nil {
		t.Error(err)
	}
	if r.Status < 400 || !testkit.Documented(r.Status) {
		t.Errorf("responded with %d", r.Status)
	}
	if shown := r.Body + fmt.Sprint(r.Header); strings.Contains(shown, foreignMark) {
		t.Errorf("the text of another type left: %s", shown)
	}
}

// expected returns the documented response to a status, read with the protobuf library. The status is the detail's if
// it is documented, else the code's. The message is the detail's, else the status's own under a 4xx, else the
// documented sentence.
func expected(st *spb.Status) (want testkit.ErrorBody, claim *statusbridgev1.Error, exact bool) {
	exact = true
	var violated []string
	for _, packed := range st.GetDetails() {
		switch name := packed.GetTypeUrl()[strings.LastIndexByte(packed.GetTypeUrl(), '/')+1:]; name {
		case "statusbridge.v1.Error":
			read := &statusbridgev1.Error{}
			if claim == nil && proto.Unmarshal(packed.GetValue(), read) == nil {
				claim = read
			}
		case "google.rpc.BadRequest":
			read := &errdetails.BadRequest{}
			// The tests of the reader cover messages that the library refuses for a field that is not read here.
			exact = exact && proto.Unmarshal(packed.GetValue(), read) == nil
			for _, violation := range read.GetFieldViolations() {
				parts := slices.DeleteFunc([]string{violation.GetField(), violation.GetDescription()},
					func(s string) bool { return s == "" })
				violated = append(violated, strings.Join(parts, ": "))
				plain := violation.GetReason() == "" && violation.GetLocalizedMessage() == nil
				exact = exact && (violation.GetDescription() != "" || plain)
			}
		case "google.rpc.DebugInfo", "google.rpc.RequestInfo", "google.rpc.ErrorInfo", "google.rpc.RetryInfo",
			"google.rpc.Status", "v2.Error":
		default:
			exact = false // other types have texts too
		}
	}
	want.Code = 500
	if answer, ok := codeStatuses[code.Code(st.GetCode())]; ok {
		want.Code = answer.status
	}
	if slices.Contains(testkit.ErrorStatuses, int(claim.GetCode())) {
		want.Code = int(claim.GetCode())
	}
	want.Message, want.Details = claim.GetMessage(), claim.GetDetails()
	if want.Code < 500 {
		want.Message = cmp.Or(want.Message, st.GetMessage())
		violated = slices.DeleteFunc(violated, func(s string) bool { return s == "" })
		texts := append([]string{want.Details}, violated...)
		want.Details = strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), "; ")
	}
	want.Message = string([]rune(cmp.Or(want.Message, testkit.Meanings[want.Code])))
	return want, claim, exact && len(want.Details) <= 4096
}

// wantStatusSent gives a status to everything that sends errors: the handler alone, the bridge with a service in
// process, and the handler for streams.
func wantStatusSent(t *testing.T, mux http.Handler, service *testkit.Service, st *spb.Status) {
	t.Helper()
	if strings.Contains(st.GetMessage(), "-mark") || slices.ContainsFunc(st.GetDetails(), func(packed *anypb.Any) bool {
		return bytes.Contains(packed.GetValue(), []byte("-mark"))
	}) {
		return
	}
	st.Message += innerMark
	st.Details = append(foreignDetails(t), st.GetDetails()...)
	want, claim, exact := expected(st)
	failure := status.ErrorProto(st)
	service.Behave(testkit.Fails(failure))
	for name, r := range map[string]testkit.Response{"alone": handledAlone(t.Context(), failure),
		"in process": handledBy(mux)} {
		wantDocumentedError(t, r)
		if r.Status != want.Code {
			t.Errorf("%s: responded with %d, want %d", name, r.Status, want.Code)
		}
		if r.Status >= 500 && strings.Contains(r.Body, innerMark) {
			t.Errorf("%s: a %d says %s", name, r.Status, r.Body)
		}
		got, _ := testkit.ParseErrorBody(r.Body)
		if got.Code == 400 {
			got.Message = want.Message // Go's texts about a request are reworded, see TestBadRequest
		}
		if exact && got != want {
			t.Errorf("%s: responded with %+v, want %+v", name, got, want)
		}
		if after := r.Header.Get("Retry-After"); strings.Trim(after, "0123456789") != "" {
			t.Errorf("%s: Retry-After is %q", name, after)
		}
	}
	chunk := gateway.StreamErrorHandler(t.Context(), failure)
	if httpStatus := runtime.HTTPStatusFromCode(chunk.Code()); !slices.Contains(testkit.ErrorStatuses, httpStatus) ||
		len(chunk.Details()) > 0 {
		t.Errorf("a stream ends with %v, which grpc-gateway sends as %d", chunk, httpStatus)
	}
	if text := chunk.Message(); strings.Contains(text, foreignMark) ||
		strings.Contains(text, innerMark) && runtime.HTTPStatusFromCode(chunk.Code()) >= 500 && claim.GetCode() != 405 {
		t.Errorf("a stream ends with %v", chunk)
	}
}

// inProcess is a bridge with a service in its process, for targets that are called many times.
func inProcess(f *testing.F) (http.Handler, *testkit.Service) {
	service := &testkit.Service{}
	return testkit.Register(f, testkit.InProcess, service, standard.NewServeMux()), service
}

// FuzzStatus sends any bytes that grpc-status-details-bin may hold.
func FuzzStatus(f *testing.F) {
	for name, packed := range unreadable {
		f.Add(marshaled(f, &spb.Status{Code: int32(len(name)), Message: name, Details: []*anypb.Any{packed}}))
	}
	for _, code := range []int32{-1, 0, 200, 302, 404, 418, 502, 70000} {
		claim := detail(f, &statusbridgev1.Error{Code: code, Message: "m\xc3\xa9", Details: "\x00<>&\u2028"})
		f.Add(marshaled(f, &spb.Status{Code: code, Message: "text",
			Details: []*anypb.Any{claim, detail(f, violations("a", "b"))}}))
	}
	for _, code := range []codes.Code{codes.Canceled, codes.InvalidArgument, codes.OutOfRange, codes.Unauthenticated} {
		st := &spb.Status{Code: int32(code),
			Message: "unexpected HTTP status code received from server: 401 (Unauthorized)"}
		f.Add(marshaled(f, st))
		claims := []*anypb.Any{detail(f, &statusbridgev1.Error{Code: 405}),
			detail(f, &statusbridgev1.Error{Code: 409, Message: "second"})}
		f.Add(marshaled(f, &spb.Status{Code: int32(code), Details: claims}))
	}
	mux, service := inProcess(f)
	f.Fuzz(func(t *testing.T, wire []byte) {
		var st spb.Status
		if proto.Unmarshal(wire, &st) != nil || st.GetCode() == 0 {
			return
		}
		wantStatusSent(t, mux, service, &st)
	})
}

// FuzzDetail sends a detail of each type that is read, byte for byte, with any code and message.
func FuzzDetail(f *testing.F) {
	for _, packed := range unreadable {
		f.Add(int32(5), "no such thing", packed.GetTypeUrl(), packed.GetValue())
	}
	f.Add(int32(3), "bad \xff", badRequestURL, marshaled(f, violations("a", "b", "", "c")))
	f.Add(int32(14), testkit.Secret, retryInfoURL, []byte("\x0a\x02\x08\x01"))
	f.Add(int32(77), "\x00\x1b\"\\", errorURL, marshaled(f, &statusbridgev1.Error{Code: 502, Message: "é"}))
	f.Add(int32(3), "json: cannot unmarshal string into Go value of type int", "/statusbridge.v1.Error",
		[]byte("\x12\x01m"))
	f.Add(int32(16), "token\r\nInjected: yes", errorURL, []byte("\x08\x95\x03\x1a\x01d")) // 405 with details alone
	mux, service := inProcess(f)
	f.Fuzz(func(t *testing.T, code int32, message, url string, value []byte) {
		if code == 0 {
			return
		}
		wantStatusSent(t, mux, service, &spb.Status{Code: code, Message: message,
			Details: []*anypb.Any{{TypeUrl: url, Value: value}}})
	})
}

func marshaled(t testing.TB, m proto.Message) []byte {
	t.Helper()
	wire, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return wire
}

// outcomes are the results of a call whose service sent metadata.
var outcomes = []struct {
	status int
	err    error
	late   bool // the call succeeded, and its response could not be written
}{
	{status: 200},
	{status: 404, err: testkit.ErrNotFound},
	{status: 401, err: status.Error(codes.Unauthenticated, "no such thing")},
	{status: 500, late: true},
}

// sender is a service that sends what a target tells it to, behind one server for each way to forward it.
type sender struct {
	behaviour atomic.Pointer[testkit.Behaviour]
	addresses map[string]string
}

func newSender(f *testing.F) *sender {
	s := &sender{addresses: map[string]string{}}
	service := &testkit.Service{}
	service.Behave(func(ctx context.Context) error { return (*s.behaviour.Load())(ctx) })
	for name, options := range map[string][]runtime.ServeMuxOption{
		"":         {withIdentity, runtime.WithOutgoingTrailerMatcher(identity)},
		"prefixed": nil,
	} {
		for _, late := range []bool{false, true} {
			options := slices.Clone(options)
			if late {
				options = append(options, runtime.WithForwardResponseRewriter(failingRewriter))
			}
			server := httptest.NewServer(testkit.Register(f, testkit.InProcess, service,
				standard.NewServeMux(options...)))
			f.Cleanup(server.Close)
			s.addresses[fmt.Sprint(name, late)] = server.Listener.Addr().String()
		}
	}
	return s
}

// call has the service send metadata and reads the raw answer as net/http does. Nothing may follow it.
func (s *sender) call(t *testing.T, server string, b testkit.Behaviour, headers ...string) testkit.Response {
	t.Helper()
	s.behaviour.Store(&b)
	message, err := testkit.SendRaw(s.addresses[server], "GET /v1/things/1", headers...)
	if err != nil {
		t.Fatal(err)
	}
	r, err := testkit.ParseRaw(http.MethodGet, message)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wantField wants a header or trailer of the gateway itself, or one with the key and the value that were sent (RFC
// 9110 section 5.5).
func wantField(t *testing.T, name string, values, own []string, key, value string) {
	t.Helper()
	for _, v := range values {
		if strings.ContainsFunc(v, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
			t.Errorf("%s is %q, which is no field value", name, v)
		}
	}
	if slices.Contains(own, name) {
		return
	}
	if name != textproto.CanonicalMIMEHeaderKey(key) {
		t.Errorf("%q was injected, with %q", name, values)
	} else if !slices.Equal(values, []string{textproto.TrimString(value)}) {
		t.Errorf("%s is %q, want %q", name, values, value)
	}
}

// leaksOf is leak, but for a key that ends as the control key does and is another.
func leaksOf(h http.Header, key string) error {
	if len(key) > len(contract.HTTPStatusKey) && strings.HasSuffix(strings.ToLower(key), contract.HTTPStatusKey) {
		h = h.Clone()
		h.Del(key)
		h.Del("Grpc-Metadata-" + key)
	}
	return testkit.Leak(h)
}

// FuzzMetadata has a service in process send any metadata and reads the raw response. Metadata must not break the
// message.
func FuzzMetadata(f *testing.F) {
	for key, values := range backendHeader {
		for _, value := range values {
			f.Add(key, value, uint8(1), true)
			f.Add(key, value, uint8(0), false)
		}
	}
	for _, key := range []string{
		"content-length", "transfer-encoding", "trailer", "connection", "content-type", "date", "host", "server",
		"location", "etag", "set-cookie", "retry-after", "www-authenticate", "allow", "upgrade", "te",
	} {
		for outcome := range outcomes {
			f.Add(key, "1", uint8(outcome), false)
		}
		f.Add(key, "chunked", uint8(0), false)
	}
	f.Add("transfer-encoding", "0", uint8(0), false)
	f.Add("x", "a\r\nInjected: yes", uint8(1), true)
	f.Add("x", "a\r\n\r\nHTTP/1.1 200 OK", uint8(3), false)
	f.Add("x", "a\x00b", uint8(0), true)
	f.Add("x\r\ny", "z", uint8(1), false)
	f.Add("x y", "z", uint8(0), false)
	f.Add("x: y\r\nz", "z", uint8(0), true)
	f.Add("X-Trace-Bin", "\x00", uint8(0), true)
	f.Add("Statusbridge-Http-Status", "202", uint8(0), false)
	f.Add("www-authenticate", "a\x00\r\nb", uint8(2), true)
	f.Add("www-authenticate", `Basic realm="x"`, uint8(2), true)
	f.Add("", "", uint8(1), false)

	s := newSender(f)
	f.Fuzz(func(t *testing.T, key, value string, which uint8, prefixed bool) {
		outcome := outcomes[int(which)%len(outcomes)]
		server, name, id := fmt.Sprint(outcome.late), key, "Request-Id"
		if prefixed {
			server, name, id = "prefixed"+server, "Grpc-Metadata-"+key, "Grpc-Metadata-Request-Id"
		}
		r := s.call(t, server, testkit.Sets(metadata.MD{key: {value}, "request-id": {"r-1"}}, nil, outcome.err))
		if outcome.status == 200 {
			chosen := strings.EqualFold(key, contract.HTTPStatusKey) && testkit.Documented(r.Status)
			if r.Status >= 300 || r.Status != 200 && !chosen {
				t.Errorf("responded with %d", r.Status)
			}
		} else {
			message := map[int]string{500: testkit.Meanings[500]}[r.Status]
			if message == "" {
				message = "no such thing"
			}
			if parsed, err := testkit.ParseErrorBody(r.Body); err != nil || r.Status != outcome.status ||
				parsed.Message != message {
				t.Errorf("responded with %d %q: %v", r.Status, r.Body, err)
			}
		}
		if err := leaksOf(r.Header, key); err != nil {
			t.Error(err)
		}
		own := []string{"Content-Type", "Content-Length", "Date", "Connection", "Www-Authenticate", id}
		for field, values := range r.Header {
			sent := name
			if field == "Retry-After" && key == "retry-after" && r.Status >= 400 {
				sent = key // an error has this header without the prefix
			}
			wantField(t, field, values, own, sent, value)
		}
		if got := r.Header["Content-Type"]; r.Status != 204 && !slices.Equal(got, []string{"application/json"}) {
			t.Errorf("the content type is %q", got)
		}
		if got := r.Header["Www-Authenticate"]; r.Status == 401 && len(got) == 0 {
			t.Error("a 401 without a challenge")
		}
	})
}

// FuzzTrailers has a service send any trailer after a success to a client that accepts trailers.
func FuzzTrailers(f *testing.F) {
	for key, values := range backendHeader {
		f.Add(key, values[0], true)
	}
	for _, key := range []string{"content-length", "transfer-encoding", "trailer", "content-type", "x-sum",
		"grpc-status", "date", "host"} {
		f.Add(key, "1", false)
	}
	f.Add("x", "a\r\nInjected: yes", false)
	f.Add("x\r\nInjected", "yes", false)
	f.Add("x,content-length", "3", false)
	f.Add("x", "\x00", true)
	f.Add("", "", true)

	s := newSender(f)
	f.Fuzz(func(t *testing.T, key, value string, prefixed bool) {
		server, name := "false", key
		if prefixed {
			server, name = "prefixedfalse", "Grpc-Trailer-"+key
		}
		r := s.call(t, server, testkit.Sets(nil, metadata.MD{key: {value}}, nil), "TE: trailers")
		if r.Status != 200 || !strings.Contains(r.Body, `"thing"`) {
			t.Errorf("responded with %d %q", r.Status, r.Body)
		}
		unprefixed := http.Header{}
		for field, values := range r.Trailer {
			unprefixed[strings.TrimPrefix(field, "Grpc-Trailer-")] = values
		}
		if err := leaksOf(unprefixed, key); err != nil {
			t.Error(err)
		}
		for field, values := range r.Header {
			wantField(t, field, values, []string{"Content-Type", "Content-Length", "Date", "Connection", "Trailer"},
				"", "")
		}
		for field, values := range r.Trailer {
			if len(values) > 0 { // a trailer that was announced and not sent is nil
				wantField(t, field, values, nil, name, value)
			}
		}
	})
}
