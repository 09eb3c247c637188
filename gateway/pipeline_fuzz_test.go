package gateway_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

// rawRequest is a request as bytes, and its response. {n} stands for its number.
type rawRequest struct {
	method, raw string
	status      int
	body        string // part of the response's
	last        bool   // the connection ends with the response
	silent      bool   // there is no response
}

const longBody = 300 << 10 // more than is read of a request that was refused

var rawRequests = []rawRequest{
	{method: "GET", raw: "GET /v1/things/{n} HTTP/1.1\r\nHost: a\r\n\r\n", status: 200, body: `"id":{n},`},
	{method: "HEAD", raw: "HEAD /v1/things/{n} HTTP/1.1\r\nHost: a\r\n\r\n", status: 200},
	{
		method: "POST",
		raw: "POST /v1/things/{n} HTTP/1.1\r\nHost: a\r\nContent-Length: 42\r\n\r\n" +
			"GET /v1/secret HTTP/1.1\r\nHost: x-00000\r\n\r\n",
		status: 405, body: `"code":405`,
	},
	{
		method: "POST",
		raw:    "POST /nowhere/{n} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nGET /\r\n0\r\n\r\n",
		status: 404, body: `"code":404`,
	},
	{
		method: "POST", raw: "POST /v1/things HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n{",
		status: 400, body: `"code":400`,
	},
	{
		method: "GET", raw: "GET /v1/things/x{n} HTTP/1.1\r\nHost: a\r\n\r\n",
		status: 400, body: `"code":400`,
	},
	{method: "GET", raw: "GET /fails/{n} HTTP/1.1\r\nHost: a\r\n\r\n", status: 409, body: "fails {n}"},
	{method: "HEAD", raw: "HEAD /fails/{n} HTTP/1.1\r\nHost: a\r\n\r\n", status: 409},
	{method: "GET", raw: "GET /panics HTTP/1.1\r\nHost: a\r\n\r\n", status: 500, body: `"code":500`},
	{method: "GET", raw: "GET /empty HTTP/1.1\r\nHost: a\r\n\r\n", status: 204},
	{
		method: "POST",
		raw:    "POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 307200\r\n\r\n" + strings.Repeat("a", longBody),
		status: 404, body: `"code":404`, last: true,
	},
	{
		method: "POST",
		raw: "POST /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 307200\r\n\r\n" +
			strings.Repeat("a", longBody),
		status: 404, body: `"code":404`, last: true,
	},
	{
		method: "POST", raw: "POST /nowhere HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
		status: 404, body: `"code":404`, last: true,
	},
	{method: "GET", raw: "GET /fails/{n} HTTP/1.0\r\n\r\n", status: 409, body: "fails {n}", last: true},
	{method: "GET", raw: "GET /v1/things/{n} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", status: 200,
		body: `"id":{n},`, last: true},
	{method: "GET", raw: "GET http://a/v1/things/{n} HTTP/1.1\r\nHost: b\r\n\r\n", status: 200, body: `"id":{n},`},
	{method: "GET", raw: "GET /v1/things/{n} HTTP/1.1\nHost: a\nX: a\n b\n\n", status: 200, body: `"id":{n},`},
	{method: "GET", raw: "GET /fails/{n} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", status: 409, body: "fails {n}"},
	{
		method: "GET", raw: "GET /v1/things/{n} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\n" +
			"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n", status: 200, body: `"id":{n},`,
	},
	{method: "GET", raw: "GET //v1/things/{n} HTTP/1.1\r\nHost: a\r\n\r\n", status: 404, body: `"code":404`},
	{method: "DELETE", raw: "DELETE /fails/{n} HTTP/1.1\r\nHost: a\r\n\r\n", status: 405, body: `"code":405`},
	{
		method: "POST",
		raw: "POST /nowhere/{n} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n" +
			"5;a=b\r\nGET /\r\n0\r\nX: y\r\n\r\n",
		status: 404, body: `"code":404`,
	},
	{
		method: "POST",
		raw: "POST /nowhere/{n} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 99\r\n\r\n" +
			"0\r\n\r\n",
		status: 404, body: `"code":404`,
	},
	{
		method: "POST", raw: "POST /nowhere HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		status: 404, body: `"code":404`, last: true,
	},
	{
		method: "POST", raw: "POST /v1/things HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		status: 400, body: `"code":400`, last: true,
	},
	{method: "GET", raw: "GET /aborts HTTP/1.1\r\nHost: a\r\n\r\n", last: true, silent: true},
	{method: "GET", raw: "no request\r\n\r\n", status: 400, body: "400 Bad Request", last: true},
	{method: "POST", raw: "POST /v1/things HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{",
		status: 400, body: "400 Bad Request", last: true},
}

// pipelined serves what the raw requests ask for.
func pipelined(t testing.TB) http.Handler {
	mux := testkit.Register(t, testkit.InProcess, &testkit.Service{}, standard.NewServeMux())
	handlePath(t, mux, "/fails/{id}", func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		standard.WriteError(w, r, status.Error(codes.Aborted, "fails "+params["id"]))
	})
	handlePath(t, mux, "/panics", func(http.ResponseWriter, *http.Request, map[string]string) { panic(testkit.Secret) })
	handlePath(t, mux, "/aborts",
		func(http.ResponseWriter, *http.Request, map[string]string) { panic(http.ErrAbortHandler) })
	handlePath(t, mux, "/empty", func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
		w.WriteHeader(http.StatusNoContent)
		_, _ = io.WriteString(w, "HTTP/1.1 200 OK\r\n")
	})
	return mux
}

// exchangeRaw writes bytes to a new connection, closes it for writing, and returns the bytes that it receives.
func exchangeRaw(address string, message []byte) ([]byte, error) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = connection.Close() }()
	go func() {
		_, _ = connection.Write(message) // the server may end the connection before it has read everything
		_ = connection.(*net.TCPConn).CloseWrite()
	}()
	var received bytes.Buffer
	_, err = received.ReadFrom(connection)
	return received.Bytes(), err
}

// pipelineCheck has a server of the mux, and one of the mux inside Handler.
type pipelineCheck struct{ outside, inside string }

func newPipelineCheck(t testing.TB) pipelineCheck {
	mux := pipelined(t)
	serve := func(handler http.Handler) string {
		url := testkit.ServeLogging(t, testkit.HTTP1, handler, io.Discard).URL
		return strings.TrimPrefix(url, "http://")
	}
	return pipelineCheck{serve(mux), serve(standard.Handler(mux))}
}

// check sends at most twelve requests at once, one for each byte of the program, and reads the responses in order. It
// sends one request after the one that ends the connection.
func (p pipelineCheck) check(t *testing.T, program []byte, inside bool) {
	program = program[:min(len(program), 12)]
	ends := func(b byte) bool { return rawRequests[int(b)%len(rawRequests)].last }
	if last := slices.IndexFunc(program, ends); last >= 0 {
		program = program[:min(len(program), last+2)]
	}
	var sent bytes.Buffer
	for i, b := range program {
		sent.WriteString(numbered(rawRequests[int(b)%len(rawRequests)].raw, i))
	}
	address := p.outside
	if inside {
		address = p.inside
	}
	received, err := exchangeRaw(address, sent.Bytes())
	reader := bufio.NewReader(bytes.NewReader(received))
	for i, b := range program {
		request := rawRequests[int(b)%len(rawRequests)]
		if !request.silent {
			wantRaw(t, reader, request, i)
		}
		if t.Failed() {
			t.Fatalf("%v, request %d: the whole response is %.2000q: %v", program, i, received, err)
		}
		if request.last {
			break
		}
	}
	if rest, _ := io.ReadAll(reader); len(rest) > 0 {
		t.Errorf("%v: %.300q follows the last response", program, rest)
	}
}

func TestWalkPipeline(t *testing.T) { testkit.Walk(t, newPipelineCheck(t).check) }

// FuzzPipeline sends any sequence of raw requests at once on one connection. Each gets its own response, in order.
func FuzzPipeline(f *testing.F) {
	all := make([]byte, len(rawRequests))
	for i := range rawRequests {
		all[i] = byte(i)
		f.Add([]byte{0, byte(i), 0, 6}, true)
		f.Add([]byte{1, byte(i), 7, 2}, false)
	}
	f.Add(all, true)
	f.Fuzz(newPipelineCheck(f).check)
}

func numbered(text string, n int) string { return strings.ReplaceAll(text, "{n}", strconv.Itoa(n)) }

func wantRaw(t *testing.T, reader *bufio.Reader, request rawRequest, number int) {
	t.Helper()
	response, err := http.ReadResponse(reader, &http.Request{Method: request.method})
	if err != nil {
		t.Error(err)
		return
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	want := numbered(request.body, number)
	got := strings.ReplaceAll(string(body), `, "`, `,"`) // protojson varies its white space
	got = strings.ReplaceAll(got, `: `, `:`)
	if err != nil || response.StatusCode != request.status || !strings.Contains(got, want) {
		t.Errorf("responded with %d %q: %v, want %d %q", response.StatusCode, body, err, request.status, want)
	}
	contentType := response.Header.Get("Content-Type")
	if strings.HasPrefix(want, `"code"`) && contentType != "application/json" {
		t.Errorf("the content type is %q", contentType)
	}
}
