package gateway_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/internal/probe"
)

// call is one request of a client. The zero call reads a thing.
type call struct {
	method string
	path   string
	body   string
	header http.Header
}

// reply is what the client got. Its header is as net/http gives it: without the framing of HTTP/1.1.
type reply struct {
	status           int
	header           http.Header
	trailer          http.Header
	transferEncoding []string
	body             string
}

func (c call) send(client *http.Client, base string) (reply, error) {
	// An answer that never comes, such as a body that was announced and left out, fails one test and not all of them.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, cmp.Or(c.method, http.MethodGet), base+cmp.Or(c.path, "/v1/things/1"), strings.NewReader(c.body))
	if err != nil {
		return reply{}, err
	}
	maps.Copy(request.Header, c.header)
	response, err := client.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return reply{}, err
	}
	return reply{response.StatusCode, response.Header, response.Trailer, response.TransferEncoding, string(body)}, nil
}

// to sends the call and demands an answer.
func (c call) to(t *testing.T, base string) reply {
	t.Helper()
	return c.through(t, http.DefaultClient, base)
}

func (c call) through(t *testing.T, client *http.Client, base string) reply {
	t.Helper()
	r, err := c.send(client, base)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// protocols serve a handler each, so that what holds for one version of HTTP is shown for the other.
var protocols = map[string]func(*testing.T, http.Handler) (*http.Client, string){
	"HTTP/1.1": func(t *testing.T, h http.Handler) (*http.Client, string) {
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		return server.Client(), server.URL
	},
	"HTTP/2": func(t *testing.T, h http.Handler) (*http.Client, string) {
		server := httptest.NewUnstartedServer(h)
		server.EnableHTTP2 = true
		server.StartTLS()
		t.Cleanup(server.Close)
		return server.Client(), server.URL
	},
}

// errorBody is the published schema `Error`.
type errorBody struct {
	code    int
	message string
	details string
}

// parseErrorBody reads the documented form: the three members in their order, each once, details only with a text,
// no white space around them, nothing after them, valid UTF-8.
func parseErrorBody(body string) (errorBody, error) {
	var b errorBody
	if !utf8.ValidString(body) {
		return b, errors.New("the body is not valid UTF-8")
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(body)); err != nil {
		return b, err
	}
	if compact.String() != body {
		return b, errors.New("the body has white space between its tokens")
	}
	tokens := json.NewDecoder(strings.NewReader(body))
	tokens.UseNumber()
	var got []json.Token
	for {
		token, err := tokens.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return b, err
		}
		got = append(got, token)
	}
	if len(got) != 6 && len(got) != 8 {
		return b, fmt.Errorf("the body has %d tokens: %v", len(got), got)
	}
	number, isNumber := got[2].(json.Number)
	message, isString := got[4].(string)
	if got[0] != json.Delim('{') || got[1] != "code" || !isNumber || got[3] != "message" || !isString {
		return b, fmt.Errorf("the members are %v", got)
	}
	code, err := strconv.Atoi(number.String())
	if err != nil {
		return b, err
	}
	b.code, b.message = code, message
	if len(got) == 8 {
		details, isString := got[6].(string)
		if got[5] != "details" || !isString || details == "" {
			return b, fmt.Errorf("the members are %v", got)
		}
		b.details = details
	}
	return b, nil
}

// plainForm is the documented body, byte for byte, for texts that need no escaping.
func (b errorBody) plainForm() (string, bool) {
	for _, c := range b.message + b.details {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return "", false
		}
	}
	form := `{"code":` + strconv.Itoa(b.code) + `,"message":"` + b.message + `"`
	if b.details != "" {
		form += `,"details":"` + b.details + `"`
	}
	return form + "}", true
}

// errorDefect says what is wrong with an error answer, whatever its status: its framing, its media type, its form.
func (r reply) errorDefect() error {
	b, err := parseErrorBody(r.body)
	if err != nil {
		return fmt.Errorf("%w: %.200q", err, r.body)
	}
	if b.code != r.status {
		return fmt.Errorf("the body says %d under %d", b.code, r.status)
	}
	if form, ok := b.plainForm(); ok && form != r.body {
		return fmt.Errorf("the body is %q, want %q", r.body, form)
	}
	if got := r.header["Content-Type"]; !slices.Equal(got, []string{"application/json"}) {
		return fmt.Errorf("the content type is %q", got)
	}
	if got, want := r.header["Content-Length"], []string{strconv.Itoa(len(r.body))}; !slices.Equal(got, want) {
		return fmt.Errorf("the content length is %q, want %q", got, want)
	}
	if len(r.trailer) > 0 || len(r.transferEncoding) > 0 {
		return fmt.Errorf("the answer has trailers %v or transfer codings %v", r.trailer, r.transferEncoding)
	}
	if challenged := len(r.header["Www-Authenticate"]) > 0; challenged != (r.status == http.StatusUnauthorized) {
		return fmt.Errorf("the challenge of a %d is %q", r.status, r.header["Www-Authenticate"])
	}
	return leak(r.header)
}

// leak finds what no answer may carry: the control key under any name, binary metadata, and gRPC's own.
func leak(h http.Header) error {
	for name := range h {
		name = strings.ToLower(name)
		switch plain := strings.TrimPrefix(name, "grpc-metadata-"); {
		case strings.HasSuffix(name, contract.HTTPStatusKey), strings.HasSuffix(name, "-bin"), strings.HasPrefix(plain, "grpc-"):
			return fmt.Errorf("%q left", name)
		}
	}
	return nil
}

// wantError demands the documented answer, with the page's sentence for an empty message.
func (r reply) wantError(t *testing.T, httpStatus int, message, details string) {
	t.Helper()
	if err := r.errorDefect(); err != nil {
		t.Errorf("status %d: %v", r.status, err)
		return
	}
	got, _ := parseErrorBody(r.body)
	if want := (errorBody{httpStatus, cmp.Or(message, pageMeanings[httpStatus]), details}); got != want {
		t.Errorf("answered %.300q, want %.300q", fmt.Sprint(got), fmt.Sprint(want))
	}
}

// replyOf is what a recorder holds, where a test needs no server.
func replyOf(recorder *httptest.ResponseRecorder) reply {
	response := recorder.Result()
	defer response.Body.Close()
	return reply{status: response.StatusCode, header: response.Header, body: recorder.Body.String()}
}

// startAlone serves with the two handlers registered as functions, without the bridge.
func startAlone(t *testing.T, transport probe.Transport, service *probe.Service) string {
	t.Helper()
	return probe.Start(t, transport, service,
		runtime.WithErrorHandler(gateway.ErrorHandler),
		runtime.WithRoutingErrorHandler(gateway.RoutingErrorHandler))
}

// rawCall writes a request line to a connection of its own and parses what comes back as net/http does. What follows
// the answer goes to after.
func rawCall(address, line string, after func([]byte)) (reply, error) {
	message, err := rawAnswer(address, line)
	if err != nil {
		return reply{}, err
	}
	method, _, _ := strings.Cut(line, " ")
	return parseAnswer(method, message, after)
}

// parseAnswer reads the bytes of an answer to a method as net/http does.
func parseAnswer(method string, message []byte, after func([]byte)) (reply, error) {
	reader := bufio.NewReader(bytes.NewReader(message))
	response, err := http.ReadResponse(reader, &http.Request{Method: method})
	if err != nil {
		return reply{}, fmt.Errorf("%w in %q", err, message)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return reply{}, fmt.Errorf("%w in %q", err, message)
	}
	rest, err := io.ReadAll(reader)
	after(rest)
	return reply{response.StatusCode, response.Header, response.Trailer, response.TransferEncoding, string(body)}, err
}

// rawAnswer sends a request line, and headers, on a connection of its own and returns everything that comes back.
func rawAnswer(address, line string, headers ...string) ([]byte, error) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = connection.Close() }()
	request := line + " HTTP/1.1\r\nHost: things\r\nConnection: close\r\n" + strings.Join(append(headers, ""), "\r\n") + "\r\n"
	if _, err := io.WriteString(connection, request); err != nil {
		return nil, err
	}
	return io.ReadAll(connection)
}
