package gateway_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/internal/probe"
)

// answerTo is what the error handler makes of an error, without a server.
func answerTo(ctx context.Context, err error) reply {
	mux := runtime.NewServeMux()
	request := httptest.NewRequest(http.MethodGet, "/v1/things/1", nil)
	recorder := httptest.NewRecorder()
	gateway.ErrorHandler(ctx, mux, &runtime.JSONPb{}, recorder, request, err)
	return replyOf(recorder)
}

// wantAnswer demands what holds for every error there can be: a documented error status, and the documented form.
func wantAnswer(t *testing.T, r reply) {
	t.Helper()
	if err := r.errorDefect(); err != nil {
		t.Error(err)
	}
	if r.status < 400 || !onPage(r.status) {
		t.Errorf("answered %d", r.status)
	}
}

// FuzzStatus feeds whatever may arrive in grpc-status-details-bin.
func FuzzStatus(f *testing.F) {
	for name, packed := range unreadable {
		f.Add(marshaled(f, &spb.Status{Code: int32(len(name)), Message: name, Details: []*anypb.Any{packed}}))
	}
	for _, code := range []int32{-1, 0, 200, 302, 404, 418, 502, 70000} {
		claim := detail(f, &statusbridgev1.Error{Code: code, Message: "m\xc3\xa9", Details: "\x00<>&\u2028"})
		f.Add(marshaled(f, &spb.Status{Code: code, Message: "text", Details: []*anypb.Any{claim, detail(f, violations("a", "b"))}}))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		var st spb.Status
		if proto.Unmarshal(wire, &st) != nil || st.GetCode() == 0 {
			return
		}
		wantAnswer(t, answerTo(t.Context(), status.ErrorProto(&st)))
	})
}

// FuzzDetail feeds a detail of each type that is read, byte for byte, and a message that may be anything.
func FuzzDetail(f *testing.F) {
	for _, packed := range unreadable {
		f.Add(int32(5), "no such thing", packed.GetTypeUrl(), packed.GetValue())
	}
	f.Add(int32(3), "bad \xff", badRequestURL, marshaled(f, violations("a", "b", "", "c")))
	f.Add(int32(14), secret, retryInfoURL, []byte("\x0a\x02\x08\x01"))
	f.Add(int32(77), "\x00\x1b\"\\", errorURL, marshaled(f, &statusbridgev1.Error{Code: 502, Message: "é"}))
	f.Fuzz(func(t *testing.T, code int32, message, url string, value []byte) {
		if code == 0 {
			return
		}
		st := &spb.Status{Code: code, Message: message, Details: []*anypb.Any{{TypeUrl: url, Value: value}}}
		r := answerTo(t.Context(), status.FromProto(st).Err())
		wantAnswer(t, r)
		if after := r.header.Get("Retry-After"); strings.Trim(after, "0123456789") != "" {
			t.Errorf("Retry-After is %q", after)
		}
		if !strings.HasSuffix(url, "Error") && !strings.Contains(r.body, `"details"`) {
			if body, _ := parseErrorBody(r.body); r.status >= 500 && body.message != pageMeanings[r.status] {
				t.Errorf("the message of a %d is %q", r.status, body.message)
			}
		}
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

// FuzzMetadata has a service in process send any metadata, with an error and with a success, and reads the raw answer
// as net/http does: nothing that a backend sends may break the message that it is put into.
func FuzzMetadata(f *testing.F) {
	for key, values := range backendHeader {
		for _, value := range values {
			f.Add(key, value, true, true)
			f.Add(key, value, false, false)
		}
	}
	for _, key := range []string{"content-length", "transfer-encoding", "trailer", "connection", "content-type", "date", "host"} {
		f.Add(key, "1", true, false)
		f.Add(key, "chunked", false, false)
	}
	f.Add("transfer-encoding", "0", false, false)
	f.Add("x", "a\r\nInjected: yes", true, true)
	f.Add("x", "a\x00b", false, true)
	f.Add("x\r\ny", "z", true, false)
	f.Add("X-Trace-Bin", "\x00", false, true)
	f.Add("Statusbridge-Http-Status", "202", false, false)
	f.Add("www-authenticate", "a\x00\r\nb", true, true)
	f.Add("", "", true, false)

	var behaviour atomic.Pointer[probe.Behaviour]
	service := &probe.Service{}
	service.Behave(func(ctx context.Context) error { return (*behaviour.Load())(ctx) })
	addresses := map[bool]string{}
	for prefixed, options := range map[bool][]runtime.ServeMuxOption{true: nil, false: {withIdentity}} {
		server := httptest.NewServer(probe.Mux(f, probe.InProcess, service, append(options, gateway.Bridge())...))
		f.Cleanup(server.Close)
		addresses[prefixed] = server.Listener.Addr().String()
	}
	f.Fuzz(func(t *testing.T, key, value string, fails, prefixed bool) {
		var err error
		if fails {
			err = errNotFound
		}
		b := sets(metadata.MD{key: {value}, "request-id": {"r-1"}}, nil, err)
		behaviour.Store(&b)
		r := rawGet(t, addresses[prefixed])
		if parsed, err := parseErrorBody(r.body); fails && (err != nil || r.status != 404 || parsed.message != "no such thing") {
			t.Errorf("answered %d %q: %v", r.status, r.body, err)
		}
		// A key may end as the control key does and be another.
		another := len(key) > len(contract.HTTPStatusKey) && strings.HasSuffix(strings.ToLower(key), contract.HTTPStatusKey)
		if err := leak(r.header); err != nil && !another {
			t.Error(err)
		}
		for name, values := range r.header {
			for _, v := range values {
				if strings.ContainsFunc(v, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
					t.Errorf("%s is %q, which is no field value", name, v)
				}
			}
		}
		if _, ok := r.header["Injected"]; ok {
			t.Error("a header was injected")
		}
		if got := r.header["Content-Type"]; fmt.Sprint(got) != "[application/json]" {
			t.Errorf("the content type is %q", got)
		}
	})
}

// rawGet reads an answer and demands that nothing is left of it.
func rawGet(t *testing.T, address string) reply {
	t.Helper()
	r, err := rawCall(address, "GET /v1/things/1", func(rest []byte) {
		if len(rest) > 0 {
			t.Errorf("%q is left after the answer", rest)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
