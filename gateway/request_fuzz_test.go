package gateway_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"golang.org/x/net/http/httpguts"

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

// routeCheck has a mux for each table, and for strict matching of `**`.
type routeCheck map[routeKey]*runtime.ServeMux

type routeKey struct {
	table  uint8
	strict bool
}

func (c routeCheck) check(t *testing.T, seed uint8, strict bool, method, path string) {
	seed %= fuzzedTables
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if !httpguts.ValidHeaderFieldName(method) { // a token too: RFC 9110 section 9.1
		return // net/http refuses the request
	}
	k, table := routeKey{seed, strict}, tableOf(seed)
	if c[k] == nil {
		var options []runtime.ServeMuxOption
		if strict {
			options = append(options, runtime.WithStrictDeepWildcardMatching())
		}
		c[k] = routed(t, table, standard.NewServeMux(options...))
	}
	checkRouted(t, c[k], method, path, testkit.MethodsOf(table, path, strict))
}

// TestWalkRoute asks for paths that have a fair chance to match.
func TestWalkRoute(t *testing.T) {
	c := routeCheck{}
	testkit.Walk(t, func(t *testing.T, table, method uint8, strict bool, seed uint64) {
		path := testkit.RandomPath(rand.New(rand.NewPCG(seed, 5)), tableOf(table))
		c.check(t, table, strict, askedMethods[int(method)%len(askedMethods)], path)
	})
}

// askedMethods are the bound methods, and two that no table has.
var askedMethods = append([]string{"LOCK", "TRACE"}, testkit.BoundMethods...)

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
		f.Add(uint8(8), true, "LOCK", path)
	}
	f.Fuzz(routeCheck{}.check)
}

// targetCheck has muxes for each table and mode of unescaping, with this library and without.
type targetCheck struct {
	ours, without map[targetKey]*runtime.ServeMux
}

type targetKey struct{ table, mode uint8 }

func newTargetCheck() targetCheck {
	return targetCheck{map[targetKey]*runtime.ServeMux{}, map[targetKey]*runtime.ServeMux{}}
}

var unescapingModes = []runtime.UnescapingMode{
	runtime.UnescapingModeLegacy, runtime.UnescapingModeAllExceptReserved, runtime.UnescapingModeAllExceptSlash,
	runtime.UnescapingModeAllCharacters,
}

func (c targetCheck) check(t *testing.T, seed, mode uint8, method, target string) {
	k := targetKey{seed % fuzzedTables, mode % uint8(len(unescapingModes))}
	u, err := url.ParseRequestURI(target)
	if err != nil || !strings.HasPrefix(u.Path, "/") || !httpguts.ValidHeaderFieldName(method) {
		return
	}
	if c.ours[k] == nil {
		unescape := runtime.WithUnescapingMode(unescapingModes[k.mode])
		c.ours[k] = routed(t, tableOf(k.table), standard.NewServeMux(unescape))
		c.without[k] = routed(t, tableOf(k.table), runtime.NewServeMux(unescape))
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
		switch r := ask(c.without[k], method); r.Status {
		case 200:
			served = append(served, method)
		case 400:
			refused = true
		}
	}
	r := ask(c.ours[k], method)
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
}

// TestWalkTarget escapes some characters of paths that have a fair chance to match.
func TestWalkTarget(t *testing.T) {
	c := newTargetCheck()
	testkit.Walk(t, func(t *testing.T, table, mode, method uint8, path uint64) {
		random := rand.New(rand.NewPCG(path, 6))
		var target strings.Builder
		for _, b := range []byte(testkit.RandomPath(random, tableOf(table))) {
			switch kind := random.IntN(16); {
			case b > '~', kind == 0:
				fmt.Fprintf(&target, "%%%02X", b)
			case kind == 1:
				fmt.Fprintf(&target, "%%%02X", random.IntN(256))
			default:
				target.WriteByte(b)
			}
		}
		c.check(t, table, mode, askedMethods[int(method)%len(askedMethods)], target.String())
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
	for mode := range uint8(len(unescapingModes)) {
		for _, target := range []string{"/v1/%2F", "/v1/a%2Fb", "/v1/%zz", "/v1/%", "/v1/%25zz", "/v1/%252F",
			"/v1/%ff:rename", "/v1/a%3Arename"} {
			f.Add(uint8(7), mode, "HEAD", target)
			f.Add(uint8(11), mode, "PUT", target)
		}
	}
	f.Fuzz(newTargetCheck().check)
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
