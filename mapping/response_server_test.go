package mapping_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestFromResponse_of_net_http keeps the status of errors that net/http sends, and logs their text.
func TestFromResponse_of_net_http(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /get", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/error", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "pq: secret", http.StatusInternalServerError)
	})
	mux.HandleFunc("/moved",
		func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/get", http.StatusFound) })
	mux.HandleFunc("/empty", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusConflict) })
	mux.HandleFunc("/implicit", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusConflict) // net/http guesses the type from the body
		_, _ = io.WriteString(w, `{"code":409,"message":"m"}`)
	})
	mux.Handle("/slow", http.TimeoutHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
	}), time.Millisecond, "secret"))
	mux.Handle("/large", http.MaxBytesHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		}
	}), 1))
	server := httptest.NewServer(mux)
	defer server.Close()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, test := range []struct {
		method, path string
		status       int
		message      string
		logged       string
	}{
		{"GET", "/nowhere", 404, sentence(404), "404 page not found"},
		{"HEAD", "/nowhere", 404, sentence(404), "404 Not Found"},
		{"POST", "/get", 405, sentence(405), "Method Not Allowed"},
		{"GET", "/error", 500, sentence(500), "pq: secret"},
		{"GET", "/moved", 302, sentence(500), "Found"},
		{"GET", "/empty", 409, sentence(409), "409 Conflict"},
		{"GET", "/implicit", 409, sentence(409), `\"message\"`},
		{"GET", "/slow", 503, sentence(503), "secret"},
		{"POST", "/large", 413, "Request Entity Too Large", "request body too large"},
	} {
		t.Run(test.method+test.path, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), test.method, server.URL+test.path,
				strings.NewReader("body"))
			if err != nil {
				t.Fatal(err)
			}
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			e := within(t, response)
			if e.HTTPStatus != test.status || !strings.Contains(e.Error(), test.logged) {
				t.Errorf("%v, want %d and %q in it", e, test.status, test.logged)
			}
			if e.Message != test.message {
				t.Errorf("message %q, want %q", e.Message, test.message)
			}
		})
	}
}

// garbling is a connection that sends invalid HTTP instead of each write.
type garbling struct{ net.Conn }

func (g garbling) Write(p []byte) (int, error) {
	_, err := io.WriteString(g.Conn, "NOT HTTP\r\n\r\n")
	return len(p), err
}

// TestFromResponse_of_a_malformed_request reads the response of net/http to a request that it cannot parse.
func TestFromResponse_of_a_malformed_request(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			return garbling{conn}, err
		},
		DisableKeepAlives: true,
	}}
	e := get(t, t.Context(), client, server.URL)
	if e.HTTPStatus != 400 || e.Message != sentence(400) || !strings.Contains(e.Error(), "400 Bad Request") {
		t.Errorf("%v", e)
	}
}

// TestFromResponse_of_grpc_gateway reads everything that grpc-gateway without this library sends.
func TestFromResponse_of_grpc_gateway(t *testing.T) {
	violations := &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
		{Field: "name", Description: "is empty"}, {Field: "quota", Description: "is negative"},
	}}
	info := &errdetails.ErrorInfo{Reason: "NAME_EMPTY", Domain: "example.com"}
	retry := &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: 1, Nanos: 500_000_000}}
	unknown := &anypb.Any{TypeUrl: "type.googleapis.com/acme.Unknown", Value: []byte{1}}
	for _, transport := range testkit.Transports {
		t.Run(string(transport), func(t *testing.T) {
			service := &testkit.Service{}
			url := testkit.Start(t, transport, service, runtime.NewServeMux()) + "/v1/things/1"
			for code := codes.Code(1); code <= 16; code++ {
				st, err := status.New(code, "m").WithDetails(info, violations, retry)
				if err != nil {
					t.Fatal(err)
				}
				service.Behave(failWith(st.Err()))
				e := get(t, t.Context(), http.DefaultClient, url)
				message, details := "m", "name: is empty; quota: is negative"
				if rpcCodes[code] >= 500 {
					// The text is for gRPC callers only.
					message, details = sentence(rpcCodes[code]), ""
				}
				if e.HTTPStatus != rpcCodes[code] || e.Message != message || e.Details != details ||
					e.GRPCStatus().Message() != "m" {
					t.Errorf("%v reads as %d %q %q", code, e.HTTPStatus, e.Message, e.Details)
				}
				if got := e.GRPCStatus().Code(); got != code {
					t.Errorf("%v is sent as %v", code, got)
				}
				if delay := retryOf(t, e); delay.AsDuration() != 1500*time.Millisecond {
					t.Errorf("%v asks to wait %v", code, delay)
				}
			}
			// grpc-gateway fails for a detail whose type is not linked.
			p := status.New(codes.NotFound, "secret").Proto()
			p.Details = []*anypb.Any{unknown}
			service.Behave(failWith(status.ErrorProto(p)))
			e := get(t, t.Context(), http.DefaultClient, url)
			if e.HTTPStatus != 500 || e.GRPCStatus().Message() != "failed to marshal error message" ||
				e.GRPCStatus().Code() != codes.Internal {
				t.Errorf("a detail of an unknown type: %v", e)
			}
		})
	}
}

// TestFromResponse_of_routing reads the routing errors of grpc-gateway without this library.
func TestFromResponse_of_routing(t *testing.T) {
	url := testkit.Start(t, testkit.Network, &testkit.Service{}, runtime.NewServeMux())
	if e := get(t, t.Context(), http.DefaultClient, url+"/nowhere"); e.HTTPStatus != 404 || e.Message != "Not Found" ||
		e.GRPCStatus().Code() != codes.NotFound {
		t.Errorf("%v", e)
	}
	response, err := http.Post(url+"/v1/things/1/name", jsonType, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	e := within(t, response)
	if e.HTTPStatus != 501 || e.GRPCStatus().Message() != "Method Not Allowed" ||
		e.GRPCStatus().Code() != codes.Unimplemented {
		t.Errorf("%v", e)
	}
	if err := mapping.FromResponse(&http.Response{StatusCode: http.StatusOK}); err != nil {
		t.Errorf("a 200 is %v", err)
	}
}
