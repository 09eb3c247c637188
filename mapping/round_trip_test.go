package mapping_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// documentedBody returns a body of the published schema as encoding/json writes it.
func documentedBody(t *testing.T, httpStatus int, message, details string) string {
	t.Helper()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Details string `json:"details,omitempty"`
	}{httpStatus, message, details}); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// front returns a function that calls a service through a gateway.
func front(t *testing.T, transport testkit.Transport, service *testkit.Service) func() *canned {
	t.Helper()
	mux := testkit.Register(t, transport, service, gateway.New().NewServeMux())
	return func() *canned {
		recorder := httptest.NewRecorder()
		mux.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/things/1", nil))
		return &canned{*recorder.Result()}
	}
}

// TestRoundTrip_REST_to_gRPC_to_REST reads each documented error, and returns it from a service. The gateway of the
// service sends the same status, body and Retry-After.
func TestRoundTrip_REST_to_gRPC_to_REST(t *testing.T) {
	messages := []string{"", "m", sentence(503), "\"quotes\" \\ <b>&amp;</b>", "two\nlines\x00\x7f", "\u2028 é 🙂",
		"100%", strings.Repeat("é", 200)}
	details := []string{"", "name: is empty; quota: is negative", "\r\n\t", strings.Repeat("🙂", 100)}
	waits := []string{"", "0", "1", "86400", "315576000000"}
	for _, transport := range testkit.Transports {
		t.Run(string(transport), func(t *testing.T) {
			service := &testkit.Service{}
			ask := front(t, transport, service)
			for _, row := range page {
				if row.status < 400 {
					continue
				}
				for _, message := range messages {
					for _, detail := range details {
						for _, wait := range waits {
							if message == "" {
								message = row.meaning // the documented body has a message
							}
							sent := documentedBody(t, row.status, message, detail)
							response := answered(row.status, sent, "Content-Type", jsonType)
							if wait != "" {
								response.Header.Set("Retry-After", wait)
							}
							service.Behave(failWith(read(t, response)))
							got := ask()
							body, err := io.ReadAll(got.Body)
							if err != nil {
								t.Fatal(err)
							}
							if got.StatusCode != row.status || string(body) != sent ||
								got.Header.Get("Retry-After") != wait ||
								got.Header.Get("Content-Type") != jsonType {
								t.Fatalf("%d %s, to be retried after %q, comes back as %d %s, %q",
									row.status, sent, wait, got.StatusCode, body, got.Header.Get("Retry-After"))
							}
						}
					}
				}
			}
		})
	}
}

// TestRoundTrip_gRPC_to_REST_to_gRPC sends each code, and undefined ones. The client reads the gRPC code of the row
// that the code maps to.
func TestRoundTrip_gRPC_to_REST_to_gRPC(t *testing.T) {
	row := func(httpStatus int) codes.Code {
		switch httpStatus {
		case http.StatusBadRequest:
			return codes.InvalidArgument
		case http.StatusInternalServerError:
			return codes.Internal
		}
		return incoming[httpStatus]
	}
	for _, transport := range testkit.Transports {
		service := &testkit.Service{}
		ask := front(t, transport, service)
		for number := uint32(1); number < 40; number++ {
			want := codes.Internal
			if name, ok := code.Code_name[int32(number)]; ok {
				want = row(outgoing[name])
			}
			service.Behave(failWith(status.Error(codes.Code(number), "m")))
			e := read(t, ask())
			if got := e.GRPCStatus().Code(); got != want {
				t.Errorf("%s: %v comes back as %v, want %v", transport, codes.Code(number), got, want)
			}
			// A second round trip changes nothing.
			service.Behave(failWith(e))
			if got := read(t, ask()); got.GRPCStatus().Code() != want || got.HTTPStatus != e.HTTPStatus ||
				got.Message != e.Message {
				t.Errorf("%s: %v comes back again as %v", transport, e, got)
			}
		}
	}
}

// TestRoundTrip_Error_over_the_wire sends random texts within the budget to a real client, which reads the same texts.
func TestRoundTrip_Error_over_the_wire(t *testing.T) {
	call := client(t)
	random := rand.New(rand.NewPCG(7, 11)) //nolint:gosec // the test is repeatable
	text := func(limit int) string {
		var b strings.Builder
		for range random.IntN(limit) {
			switch random.IntN(4) {
			case 0:
				b.WriteRune(rune(random.IntN(0x20)))
			case 1:
				b.WriteRune(rune(0x80 + random.IntN(0xd000-0x80)))
			default:
				b.WriteRune(rune(0x20 + random.IntN(0x5f)))
			}
		}
		return b.String()
	}
	compared := 0
	for range 2000 {
		want := mapping.Error{HTTPStatus: 400 + random.IntN(200), Message: "m" + text(300), Details: text(600)}
		// An upper bound of the size: every byte is escaped, and both texts are sent again in base64.
		if cost := 3*len(want.Message) + (2*len(want.Message)+len(want.Details)+100)*4/3; cost > 4096 {
			continue
		}
		compared++
		sent := want
		got := mapping.FromError(call(failWith(&sent)))
		if got.HTTPStatus != want.HTTPStatus || got.Message != want.Message || got.Details != want.Details {
			t.Fatalf("sent %d %q %q, read %d %q %q", want.HTTPStatus, want.Message, want.Details, got.HTTPStatus,
				got.Message, got.Details)
		}
	}
	if compared < 1000 {
		t.Errorf("only %d texts were small enough", compared)
	}
}
