package gateway

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
)

// someTemplate is a template as HandlePath takes it, sub-templates, deep wildcards in the middle and verbs among them.
func someTemplate(random *rand.Rand) string {
	segments := []string{"v1", "a", "b", "a%2Fb", "*", "{x}", "{x=a/*}", "{x=*/b}", "{x=a/*/b}"}
	deep := []string{"**", "{x=**}", "{x=a/**}", "{x=a/**/b}"}
	var b strings.Builder
	deepAt := random.IntN(8)
	for i := range 1 + random.IntN(4) {
		b.WriteString("/")
		if i == deepAt {
			b.WriteString(deep[random.IntN(len(deep))])
		} else {
			b.WriteString(segments[random.IntN(len(segments))])
		}
	}
	b.WriteString([]string{"", "", ":go", ":a:go", ":b"}[random.IntN(5)])
	return b.String()
}

// somePattern is a pattern as generated code makes it, and as nobody does.
func somePattern(random *rand.Rand) runtime.Pattern {
	pool := []string{"v1", "a", "b", "", "a/b", "*", "**", "a:go", "%61"}
	var ops []int
	depth, deepSeen := 0, false
	for range random.IntN(8) {
		code, operand := utilities.OpCode(random.IntN(int(utilities.OpEnd))), random.IntN(len(pool))
		switch code {
		case utilities.OpPushM:
			if deepSeen {
				continue
			}
			deepSeen = true
			depth++
		case utilities.OpPush, utilities.OpLitPush:
			depth++
		case utilities.OpConcatN:
			if depth == 0 {
				continue
			}
			operand = 1 + random.IntN(depth)
			depth -= operand - 1
		case utilities.OpCapture:
			if depth == 0 {
				continue
			}
			depth--
		}
		ops = append(ops, int(code), operand)
	}
	var options []runtime.PatternOpt
	if random.IntN(2) == 0 {
		options = append(options, runtime.WithStrictDeepWildcard())
	}
	verb := []string{"", "", "go", "a:go", ":"}[random.IntN(5)]
	return runtime.MustPattern(runtime.NewPatternWithOptions(1, ops, pool, verb, options...))
}

// somePath is a path, escaped, that has a chance to match.
func somePath(random *rand.Rand) string {
	segments := []string{"v1", "v1", "a", "a", "b", "b", "x", "", "%61", "a%2Fb", "a%2fb", "%252F", "a:go", "%3Ago", "(x)", "é", "*"}
	var b strings.Builder
	for range 1 + random.IntN(6) {
		b.WriteString("/" + segments[random.IntN(len(segments))])
	}
	b.WriteString([]string{"", "", "", "/", ":go", ":a:go", ":", "/:go"}[random.IntN(8)])
	return b.String()
}

// FuzzRouteTable compares what the routes of a mux say of a path with what the mux itself does, in each mode of
// unescaping. A bound method is routed, an unbound one is not.
func FuzzRouteTable(f *testing.F) {
	for seed := range uint16(512) {
		random := rand.New(rand.NewPCG(uint64(seed), 5))
		path := somePath(random)
		decoded, err := url.PathUnescape(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(seed, uint8(seed), seed%3 == 0, decoded, path)
		f.Add(seed, uint8(seed), seed%3 == 1, decoded, "")
	}
	for mode := range uint8(5) {
		for _, path := range []string{"", "/", "//", "v1", "/%", "/%zz", "/v1/%2", "/a/%2:go", "/:go", "/:a:go", "/a/b/%zz/b"} {
			f.Add(uint16(3), mode, false, path, path)
			f.Add(uint16(4), mode, true, "/v1", path)
		}
	}
	f.Fuzz(func(t *testing.T, seed uint16, mode uint8, strict bool, decoded, raw string) {
		random := rand.New(rand.NewPCG(uint64(seed), 6))
		options := []runtime.ServeMuxOption{Bridge(), runtime.WithUnescapingMode(runtime.UnescapingMode(mode % 5))} // four are known
		if strict {
			options = append(options, runtime.WithStrictDeepWildcardMatching())
		}
		mux := runtime.NewServeMux(options...)
		methods := []string{"DELETE", "GET", "PUT", "REPORT"}
		for range 1 + random.IntN(12) {
			method := methods[random.IntN(len(methods))]
			if random.IntN(3) == 0 {
				mux.Handle(method, somePattern(random), serveNothing)
			} else if err := mux.HandlePath(method, someTemplate(random), serveNothing); err != nil {
				t.Fatal(err)
			}
		}
		b, p, request := bridgeOf(t, mux), path{decoded, raw}, httptest.NewRequest(http.MethodPatch, "/", nil)
		table := b.routeTable()
		for i, verdict := range table.find(p) {
			if routed := b.routes(request, p, table.methods[i]); verdict != unsure && routed != (verdict == bound) {
				t.Errorf("%s %q %q: the routes say %d, and routed is %t", table.methods[i], decoded, raw, verdict, routed)
			}
		}
	})
}
