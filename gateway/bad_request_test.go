package gateway_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// unread is a request that grpc-gateway refuses before it calls the service: the text of grpc-gateway without this
// library, and the text that the client gets.
type unread struct {
	call
	without string
	want    string
}

var unreads = []unread{
	// Path parameters.
	{call{Path: "/v1/things/one"},
		`type mismatch, parameter: id, error: strconv.ParseInt: parsing "one": invalid syntax`,
		`invalid parameter "id": "one": invalid syntax`},
	{call{Path: "/v1/things/99999999999"},
		`type mismatch, parameter: id, error: strconv.ParseInt: parsing "99999999999": value out of range`,
		`invalid parameter "id": "99999999999": value out of range`},
	{call{Path: "/v1/things/%ff"},
		`type mismatch, parameter: id, error: strconv.ParseInt: parsing "\xff": invalid syntax`,
		`invalid parameter "id": "\xff": invalid syntax`},
	{call{Path: "/v1/things/a,%20error:%20b%22"},
		`type mismatch, parameter: id, error: strconv.ParseInt: parsing "a, error: b\"": invalid syntax`,
		`invalid parameter "id": "a, error: b\"": invalid syntax`},
	{call{Method: "PURGE", Path: "/v1/things/x/cache"},
		`type mismatch, parameter: id, error: strconv.ParseInt: parsing "x": invalid syntax`,
		`invalid parameter "id": "x": invalid syntax`},
	{call{Method: "PUT", Path: "/v1/things/x", Body: "{}"},
		`type mismatch, parameter: thing.id, error: parsing field "id": strconv.ParseInt: parsing "x": invalid syntax`,
		`invalid parameter "thing.id": "x": invalid syntax`},

	// Query parameters.
	{call{Path: "/v1/things/1?full=maybe"},
		`parsing field "full": strconv.ParseBool: parsing "maybe": invalid syntax`,
		`invalid parameter "full": "maybe": invalid syntax`},
	{call{Path: "/v1/things/1?full=%22%0a%22:%20x"},
		`parsing field "full": strconv.ParseBool: parsing "\"\n\": x": invalid syntax`,
		`invalid parameter "full": "\"\n\": x": invalid syntax`},
	{call{Path: "/v1/things/1?sizes=1&sizes=x"},
		`parsing list "sizes": strconv.ParseInt: parsing "x": invalid syntax`,
		`invalid parameter "sizes": "x": invalid syntax`},
	{call{Path: "/v1/things/1?sizes=99999999999999999999"},
		`parsing list "sizes": strconv.ParseInt: parsing "99999999999999999999": value out of range`,
		`invalid parameter "sizes": "99999999999999999999": value out of range`},
	{call{Path: "/v1/things/1?kind=HUGE"},
		`parsing field "kind": "HUGE" is not a valid value`,
		`invalid parameter "kind": "HUGE" is not a valid value`},
	{call{Path: "/v1/things/1?kind=%ff"},
		`parsing field "kind": "\xff" is not a valid value`,
		`invalid parameter "kind": "\xff" is not a valid value`},
	{call{Path: "/v1/things/1?full=true&full=false"},
		`too many values for field "full": true, false`,
		`too many values for field "full": true, false`},
	{call{Path: "/v1/things/1?full.deep=1"},
		`invalid path: "full" is not a message`,
		`invalid path: "full" is not a message`},
	{call{Path: "/v1/things/1?sizes[a]=1"},
		`field "sizes" is not a map`,
		`field "sizes" is not a map`},
	{call{Path: "/v1/things/1?full=%zz"},
		`invalid URL escape "%zz"`,
		`invalid URL escape "%zz"`},
	{call{Path: "/v1/things/1?full=true;kind=1"},
		`invalid semicolon separator in query`,
		`invalid semicolon separator in query`},

	// Bodies: malformed, mistyped, overflowing, not UTF-8.
	{post(`{`),
		`unexpected EOF`,
		`invalid request body: unexpected EOF`},
	{post(`{thing}`),
		`invalid character 't' looking for beginning of object key string`,
		`invalid request body: invalid character 't' looking for beginning of object key string`},
	{post("\x00"),
		`invalid character '\x00' looking for beginning of value`,
		`invalid request body: invalid character '\x00' looking for beginning of value`},
	{post("<thing/>"),
		`invalid character '<' looking for beginning of value`,
		`invalid request body: invalid character '<' looking for beginning of value`},
	{post(`[]`),
		`proto: syntax error (line 1:1): unexpected token [`,
		`invalid request body at line 1:1: unexpected token [`},
	{post(`{"thing":` + "\n" + `{"id":true}}`),
		`proto: (line 2:7): invalid value for int32 field id: true`,
		`invalid request body at line 2:7: invalid value for int32 field id: true`},
	{post(`{"thing":{"id":99999999999}}`),
		`proto: (line 1:16): invalid value for int32 field id: 99999999999`,
		`invalid request body at line 1:16: invalid value for int32 field id: 99999999999`},
	{post(`{"thing":{"id":1,"id":2}}`),
		`proto: (line 1:18): duplicate field "id"`,
		`invalid request body at line 1:18: duplicate field "id"`},
	{post(`{"thing":{"name":"` + "\xff" + `"}}`),
		`proto: syntax error (line 1:18): invalid UTF-8 in string`,
		`invalid request body at line 1:18: invalid UTF-8 in string`},
	{post(`{"thing":{"name":"\ud800"}}`),
		`proto: unexpected EOF`,
		`invalid request body: unexpected EOF`},
	{call{Method: "POST", Path: "/v1/things/1:rename", Body: `5`},
		`json: cannot unmarshal number into Go value of type string`,
		`invalid request body: unexpected JSON number`},
	{call{Method: "POST", Path: "/v1/things/1:rename", Body: `{"a":1}`},
		`json: cannot unmarshal object into Go value of type string`,
		`invalid request body: unexpected JSON object`},
	{call{Method: "PATCH", Path: "/v1/things/1", Body: `{"nope":1}`},
		`could not find field "nope" in "statusbridge.testkit.v1.Thing"`,
		`invalid request body: unknown field "nope"`},

	// Headers.
	{call{Method: "PATCH", Body: "{}", Header: http.Header{"Content-Type": {"application/json; ="}}},
		`mime: invalid media parameter`,
		`invalid media parameter`},
}

func post(body string) call {
	return call{Method: "POST", Path: "/v1/things", Body: body}
}

// TestBadRequest provokes each text with which grpc-gateway refuses a request. If it fails, grpc-gateway has changed
// a text, and bad_request.go must learn it.
func TestBadRequest(t *testing.T) {
	t.Parallel()
	for _, transport := range testkit.Transports {
		service := &testkit.Service{}
		ours := bridged(t, transport, service, standard)
		mapped := bridged(t, transport, service, gateway.New(gateway.WithMapping(codes.InvalidArgument, 422)))
		alone := startAlone(t, transport, service)
		theirs := bare(t, transport, service)
		for _, u := range unreads {
			t.Run(fmt.Sprintf("%s/%s %s %s", transport, u.Method, u.Path, u.Body), func(t *testing.T) {
				u.To(t, ours).WantError(t, 400, u.want, "")
				u.To(t, mapped).WantError(t, 422, u.want, "")
				u.To(t, alone).WantError(t, 400, u.want, "")
				// protobuf puts a no-break space into its texts, or not, by the build.
				got := strings.ReplaceAll(u.To(t, theirs).Body, "\u00a0", " ")
				s := scenario{call: u.call, without: without(400)}
				s.wantWithout(t, transport, theirs)
				if !strings.Contains(got, strings.Trim(fmt.Sprintf("%q", u.without), `"`)) {
					t.Errorf("grpc-gateway says %s, recorded is %s", got, u.without)
				}
			})
		}
		if service.Calls() != 0 {
			t.Errorf("%s: the service was called %d times", transport, service.Calls())
		}
	}
}

// TestBadRequestBodyFails fails while the body is read. The texts of package net contain addresses.
func TestBadRequestBodyFails(t *testing.T) {
	t.Parallel()
	address := &net.TCPAddr{IP: net.IPv4(10, 0, 0, 3), Port: 5432}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"time-out": {&net.OpError{Op: "read", Net: "tcp", Source: address, Addr: address, Err: os.ErrDeadlineExceeded},
			"the request body could not be read"},
		"reset": {&net.OpError{Op: "read", Net: "unix", Addr: &net.UnixAddr{Name: "/run/x.sock"},
			Err: errors.New("connection reset by peer")},
			"the request body could not be read"},
		"too large": {&http.MaxBytesError{Limit: 3}, "invalid request body: body too large"},
		"cut":       {io.ErrUnexpectedEOF, "invalid request body: unexpected EOF"},
	} {
		for _, transport := range testkit.Transports {
			t.Run(fmt.Sprint(name, " ", transport), func(t *testing.T) {
				mux := testkit.Register(t, transport, &testkit.Service{}, standard.NewServeMux())
				request := httptest.NewRequest(http.MethodPost, "/v1/things", failing{c.err})
				recorder := httptest.NewRecorder()
				mux.ServeHTTP(recorder, request)
				testkit.Recorded(recorder).WantError(t, 400, c.want, "")
			})
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestBadRequestOfInvalidUTF8 sends a parameter that no proto can hold. It is a 400 on both transports.
func TestBadRequestOfInvalidUTF8(t *testing.T) {
	t.Parallel()
	for _, transport := range testkit.Transports {
		r := call{Method: "PATCH", Path: "/v1/things/1?updateMask=%ff", Body: "{}"}.
			To(t, bridged(t, transport, &testkit.Service{}, standard))
		if err := r.ErrorDefect(); err != nil || r.Status != 400 {
			t.Errorf("%s: responded with %d %q: %v", transport, r.Status, r.Body, err)
		}
	}
}

// TestBadRequestTextsOfServices has a service's own 400 begin like a text of grpc-gateway. The client reads it
// unchanged.
func TestBadRequestTextsOfServices(t *testing.T) {
	t.Parallel()
	for _, transport := range testkit.Transports {
		service := &testkit.Service{}
		base := bridged(t, transport, service, standard)
		for _, text := range []string{
			"type mismatch, parameter: the quota is a number",
			"parsing field names is not supported",
			"invalid character in the name: use a to z",
			"invalid character 'x' in the name",
			"json: the attached configuration is not valid JSON",
			"proto: the attached descriptor is too old",
			"proto the first",
			"unexpected EOF marker in the uploaded table",
			"read tcp ports from 1 to 1024 are reserved",
			"i/o timeout must be positive",
			"body closed loop is not supported",
			"strconv.Atoi: parsing is what we do",
		} {
			t.Run(fmt.Sprint(transport, "/", text), func(t *testing.T) {
				service.Behave(testkit.Fails(status.Error(codes.InvalidArgument, text)))
				call{}.To(t, base).WantError(t, 400, text, "")
				service.Behave(testkit.Fails(mapping.Errorf(400, "%s", text)))
				call{}.To(t, base).WantError(t, 400, text, "")
			})
		}
	}
}

// TestBadRequestTextsOfBackends has a backend send exactly a text of grpc-gateway. The client reads it unchanged.
func TestBadRequestTextsOfBackends(t *testing.T) {
	t.Parallel()
	const text = `type mismatch, parameter: id, error: strconv.ParseInt: parsing "x": invalid syntax`
	service := &testkit.Service{}
	service.Behave(testkit.Fails(status.Error(codes.InvalidArgument, text)))
	call{}.To(t, bridged(t, testkit.Network, service, standard)).WantError(t, 400, text, "")
}

// TestHostileRequestHeaders sends as a client what a backend would send: the success status under each name, gRPC's
// own keys, and response headers. None of them affects the response.
func TestHostileRequestHeaders(t *testing.T) {
	t.Parallel()
	headers := http.Header{}
	for _, prefix := range []string{"", "Grpc-Metadata-", "Grpc-Trailer-"} {
		for name, value := range map[string]string{
			"Statusbridge-Http-Status": "204", "Grpc-Status": "0", "Grpc-Message": "hostile",
			"Grpc-Status-Details-Bin": "CAA",
			"Www-Authenticate":        "Hostile", "Retry-After": "7", "Allow": "HOSTILE", "Location": "http://hostile",
			"Status": "200",
		} {
			headers[prefix+name] = []string{value}
		}
	}
	for _, transport := range testkit.Transports {
		for _, c := range []struct {
			call   call
			behave testkit.Behaviour
			status int
		}{
			{call{}, nil, 200},
			{call{Method: "POST", Path: "/v1/things/1:suspend", Body: "{}"}, nil, 202},
			{call{}, chooses(202), 202},
			{call{}, testkit.Fails(testkit.ErrNotFound), 404},
			{call{Method: "OPTIONS"}, nil, 405},
			{call{Path: "/v1/nothing"}, nil, 404},
			{call{Path: "/v1/things/x"}, nil, 400},
		} {
			t.Run(fmt.Sprint(transport, " ", c.call.Method, " ", c.call.Path, " ", c.status), func(t *testing.T) {
				service := &testkit.Service{}
				service.Behave(c.behave)
				base := bridged(t, transport, service, standard, withIdentity)
				plain := c.call.To(t, base)
				c.call.Header = headers
				r := c.call.To(t, base)
				if r.Status != c.status || plain.Status != c.status {
					t.Errorf("responded with %d, and %d without the headers", r.Status, plain.Status)
				}
				delete(r.Header, "Date")
				delete(plain.Header, "Date")
				// The spacing of a success is protojson's, and differs from one to the next.
				if c.status >= 400 && (r.Body != plain.Body || fmt.Sprint(r.Header) != fmt.Sprint(plain.Header)) {
					t.Errorf("responded with %q %v, and %q %v without the headers", r.Body, r.Header, plain.Body,
						plain.Header)
				}
				for _, name := range []string{"Retry-After", "Location", "Www-Authenticate", "Status"} {
					if got := r.Header[name]; got != nil {
						t.Errorf("%s is %q", name, got)
					}
				}
				if err := testkit.Leak(r.Header); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
