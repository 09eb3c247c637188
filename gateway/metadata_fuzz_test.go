package gateway_test

import (
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
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

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
				sent = key // an error has this header, whatever the prefix
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
