package gateway_test

import (
	"bufio"
	"bytes"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

// fuzzedTables are generated tables of routes, some of them in many shapes.
const fuzzedTables = 64

// routed registers random bindings with a mux.
func routed(t testing.TB, table []testkit.Binding, mux *runtime.ServeMux) *runtime.ServeMux {
	t.Helper()
	for _, b := range table {
		if err := mux.HandlePath(b.Method, b.Template.String(), says("served")); err != nil {
			t.Fatal(b, err)
		}
	}
	return mux
}

func tableOf(seed uint8) []testkit.Binding {
	random := rand.New(rand.NewPCG(uint64(seed%fuzzedTables), 2))
	return testkit.RandomBindings(random, 1+random.IntN(24))
}

// FuzzRoute compares routing with the reference router: 404 if nothing matches, and 405 with exactly the other
// methods in Allow.
func FuzzRoute(f *testing.F) {
	for seed := range uint8(fuzzedTables) {
		random := rand.New(rand.NewPCG(uint64(seed), 3))
		path := testkit.RandomPath(random, tableOf(seed))
		f.Add(seed, seed%2 == 0, "OPTIONS", path)
		f.Add(seed, seed%2 == 1, "GET", path)
	}
	for _, path := range []string{"/", "//", "/v1//a", "/v1/a:", "/:rename", "/v1/:undo", "/v1/a:b:rename",
		"/v1/\xff", "/v1/%2F", "/v1/\x00"} {
		f.Add(uint8(7), false, "HEAD", path)
		f.Add(uint8(8), true, "(statusbridge)", path)
	}
	type key struct {
		table  uint8
		strict bool
	}
	muxes := map[key]*runtime.ServeMux{}
	f.Fuzz(func(t *testing.T, seed uint8, strict bool, method, path string) {
		seed %= fuzzedTables
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
		if !isToken(method) {
			return // net/http refuses the request
		}
		k, table := key{seed, strict}, tableOf(seed)
		if muxes[k] == nil {
			var options []runtime.ServeMuxOption
			if strict {
				options = append(options, runtime.WithStrictDeepWildcardMatching())
			}
			muxes[k] = routed(t, table, standard.NewServeMux(options...))
		}
		checkRouted(t, muxes[k], method, path, testkit.MethodsOf(table, path, strict))
	})
}

// isToken says what may start for a method in a request line (RFC 9110 section 9.1).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return c <= ' ' || c > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c)
	})
}

// FuzzTarget sends any request target in each mode of unescaping and compares with grpc-gateway without this library.
func FuzzTarget(f *testing.F) {
	for seed := range uint8(fuzzedTables) {
		random := rand.New(rand.NewPCG(uint64(seed), 4))
		path := url.URL{Path: testkit.RandomPath(random, tableOf(seed))}
		f.Add(seed, seed, "DELETE", path.EscapedPath())
		f.Add(seed, seed, "OPTIONS", strings.ReplaceAll(path.EscapedPath(), "a", "%61")+"?b=%zz")
	}
	for mode := range uint8(4) {
		for _, target := range []string{"/v1/%2F", "/v1/a%2Fb", "/v1/%zz", "/v1/%", "/v1/%25zz", "/v1/%252F",
			"/v1/%ff:rename", "/v1/a%3Arename"} {
			f.Add(uint8(7), mode, "HEAD", target)
			f.Add(uint8(11), mode, "PUT", target)
		}
	}
	modes := []runtime.UnescapingMode{
		runtime.UnescapingModeLegacy, runtime.UnescapingModeAllExceptReserved, runtime.UnescapingModeAllExceptSlash,
		runtime.UnescapingModeAllCharacters,
	}
	type key struct{ table, mode uint8 }
	ours, without := map[key]*runtime.ServeMux{}, map[key]*runtime.ServeMux{}
	f.Fuzz(func(t *testing.T, seed, mode uint8, method, target string) {
		k := key{seed % fuzzedTables, mode % uint8(len(modes))}
		u, err := url.ParseRequestURI(target)
		if err != nil || !strings.HasPrefix(u.Path, "/") || !isToken(method) {
			return
		}
		if ours[k] == nil {
			unescape := runtime.WithUnescapingMode(modes[k.mode])
			ours[k] = routed(t, tableOf(k.table), standard.NewServeMux(unescape))
			without[k] = routed(t, tableOf(k.table), runtime.NewServeMux(unescape))
		}
		ask := func(mux http.Handler, method string) testkit.Response {
			recorder := httptest.NewRecorder()
			request := httptest.NewRequest(method, "/", nil)
			request.URL = u
			mux.ServeHTTP(recorder, request)
			return testkit.Recorded(recorder)
		}
		var served []string
		refused := false
		for _, method := range testkit.BoundMethods {
			switch r := ask(without[k], method); r.Status {
			case 200:
				served = append(served, method)
			case 400:
				refused = true
			}
		}
		r := ask(ours[k], method)
		if refused && r.Status == 400 {
			// grpc-gateway decides by the order of two routes whether a path is malformed.
			if method != http.MethodHead {
				r.WantError(t, 400, errorMessage(r), "")
			}
			return
		}
		if refused && !slices.Contains(served, method) {
			wantRefusal(t, r, method)
			return
		}
		wantRouted(t, r, method, target, served)
	})
}

// wantRefusal demands a documented error, of which a HEAD shows the status alone.
func wantRefusal(t *testing.T, r testkit.Response, method string) {
	t.Helper()
	if method != http.MethodHead {
		wantDocumentedError(t, r)
	} else if r.Status < 400 && r.Status != 200 || !testkit.Documented(r.Status) {
		t.Errorf("HEAD gets %d", r.Status)
	}
}

func errorMessage(r testkit.Response) string {
	parsed, _ := testkit.ParseErrorBody(r.Body)
	return parsed.Message
}

// rawRequest is a request as bytes, and what must come back for it. {n} stands for its number.
type rawRequest struct {
	method, raw string
	status      int
	body        string // part of it
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
	{method: "GET", raw: "GET /aborts HTTP/1.1\r\nHost: a\r\n\r\n", last: true, silent: true},
	{method: "GET", raw: "no request\r\n\r\n", status: 400, body: "400 Bad Request", last: true},
	{method: "POST", raw: "POST /v1/things HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{",
		status: 400, body: "400 Bad Request", last: true},
}

// pipelined serves what the raw requests ask for.
func pipelined(f *testing.F) http.Handler {
	mux := testkit.Register(f, testkit.InProcess, &testkit.Service{}, standard.NewServeMux())
	handlePath(f, mux, "/fails/{id}", func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		standard.WriteError(w, r, status.Error(codes.Aborted, "fails "+params["id"]))
	})
	handlePath(f, mux, "/panics", func(http.ResponseWriter, *http.Request, map[string]string) { panic(testkit.Secret) })
	handlePath(f, mux, "/aborts",
		func(http.ResponseWriter, *http.Request, map[string]string) { panic(http.ErrAbortHandler) })
	handlePath(f, mux, "/empty", func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
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

// FuzzPipeline sends any sequence of raw requests at once on one connection. Each gets its own response, in order.
func FuzzPipeline(f *testing.F) {
	all := make([]byte, len(rawRequests))
	for i := range rawRequests {
		all[i] = byte(i)
		f.Add([]byte{0, byte(i), 0, 6}, true)
		f.Add([]byte{1, byte(i), 7, 2}, false)
	}
	f.Add(all, true)
	addresses := map[bool]string{}
	mux := pipelined(f)
	for inside, handler := range map[bool]http.Handler{false: mux, true: standard.Handler(mux)} {
		server := httptest.NewUnstartedServer(handler)
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.Start()
		f.Cleanup(server.Close)
		addresses[inside] = server.Listener.Addr().String()
	}
	f.Fuzz(func(t *testing.T, program []byte, inside bool) {
		if len(program) > 12 {
			return
		}
		var sent bytes.Buffer
		for i, b := range program {
			sent.WriteString(numbered(rawRequests[int(b)%len(rawRequests)].raw, i))
		}
		received, err := exchangeRaw(addresses[inside], sent.Bytes())
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
	})
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
	if documented := strings.HasPrefix(want,
		`"code"`); documented && response.Header.Get("Content-Type") != "application/json" {
		t.Errorf("the content type is %q", response.Header.Get("Content-Type"))
	}
}
