package gateway

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
)

func serveNothing(http.ResponseWriter, *http.Request, map[string]string) {}

// bridgeOf is the bridge of a mux. It binds GET to /bridge.
func bridgeOf(t testing.TB, mux *runtime.ServeMux) *bridge {
	t.Helper()
	var b *bridge
	err := mux.HandlePath(http.MethodGet, "/bridge", func(_ http.ResponseWriter, r *http.Request, _ map[string]string) {
		b = exchangeFrom(r.Context()).bridge()
	})
	if err != nil {
		t.Fatal(err)
	}
	mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/bridge", nil))
	return b
}

// TestMethods pins that the methods of a mux, custom ones too, can be read from this version of grpc-gateway. When it
// fails, Allow lacks custom methods until methods in route_table.go knows where the mux keeps its table.
func TestMethods(t *testing.T) {
	mux := runtime.NewServeMux()
	if got := methods(mux); len(got) != 0 {
		t.Errorf("an empty mux has %q", got)
	}
	want := []string{"FROB", http.MethodGet, "PURGE", "VERSION-CONTROL"}
	for _, method := range slices.Backward(want) {
		for _, path := range []string{"/v1/{id}", "/v2/{path=**}:undo"} {
			if err := mux.HandlePath(method, path, serveNothing); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := methods(mux); !slices.Equal(got, want) {
		t.Errorf("the methods are %q, want %q", got, want)
	}
}

// TestReadable pins that the routes of a mux can be read from this version of grpc-gateway. When it fails at the first,
// Allow is right and slow until readRoutes in route_table.go knows the new shape. When it fails at the second, see
// whether a new field has a say in what a path matches; if it has, Allow is wrong until routeTable knows it.
func TestReadable(t *testing.T) {
	mux := reflect.TypeFor[runtime.ServeMux]()
	if !readable(mux) {
		t.Error("the routes of a mux cannot be read")
	}
	known := []string{
		"handlers", "middlewares", "forwardResponseOptions", "forwardResponseRewriter", "marshalers", "incomingHeaderMatcher",
		"outgoingHeaderMatcher", "outgoingTrailerMatcher", "metadataAnnotators", "errorHandler", "streamErrorHandler",
		"routingErrorHandler", "disablePathLengthFallback", "disableHTTPMethodOverride", "unescapingMode",
		"writeContentLength", "disableChunkedEncoding", "strictDeepWildcard",
	}
	for i := range mux.NumField() {
		if name := mux.Field(i).Name; !slices.Contains(known, name) {
			t.Errorf("the mux has a field %s", name)
		}
	}
}

// TestUnreadable reads other shapes of a mux: nothing of them is taken for routes.
func TestUnreadable(t *testing.T) {
	for _, mux := range []any{
		struct{}{},
		struct{ unescapingMode runtime.UnescapingMode }{},
		struct {
			handlers       map[string][]struct{ pat runtime.Pattern }
			unescapingMode runtime.UnescapingMode
		}{},
		struct {
			handlers       []struct{ pat runtime.Pattern }
			unescapingMode runtime.UnescapingMode
		}{},
	} {
		if readable(reflect.TypeOf(mux)) {
			t.Errorf("%T is readable", mux)
		}
	}
}

// TestUnknownRoutes has a mux whose routes could not be read, and asks it for each method.
func TestUnknownRoutes(t *testing.T) {
	mux := runtime.NewServeMux(Bridge())
	for _, method := range []string{http.MethodGet, http.MethodPut, "REPORT"} {
		if err := mux.HandlePath(method, "/v1/{id}", serveNothing); err != nil {
			t.Fatal(err)
		}
	}
	if err := mux.HandlePath(http.MethodDelete, "/v2/{id}", serveNothing); err != nil {
		t.Fatal(err)
	}
	b := bridgeOf(t, mux)
	for _, methods := range [][]string{b.routeTable().methods, standardMethods} {
		b.table.Store(&routeTable{methods: methods})
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodPatch, "/v1/a", nil))
		want := "GET, PUT, REPORT"
		if !slices.Contains(methods, "REPORT") {
			want = "GET, PUT"
		}
		if got := w.Header().Get("Allow"); w.Code != http.StatusMethodNotAllowed || got != want {
			t.Errorf("%d with Allow %q, want %q", w.Code, got, want)
		}
	}
}

// TestVerdicts says of which paths the routes alone tell whether a method is bound, and of which they leave it to the
// router.
func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		template, path string
		mode           runtime.UnescapingMode
		raw            string
		want           verdict
	}{
		{template: "/v1/{id}", path: "/v1/a", want: bound},
		{template: "/v1/{id}", path: "/v1/", want: bound},
		{template: "/v1/{id}", path: "/v1", want: unbound},
		{template: "/v1/{id}", path: "/v1/a/", want: unbound},
		{template: "/v1/{id}", path: "/v1/a:go", want: bound},
		{template: "/v1/{id}", path: "v1/a", want: unsure},
		{template: "/v1/{id}", path: "", want: unsure},
		{template: "/v1/{id}:go", path: "/v1/a:go", want: bound},
		{template: "/v1/{id}:go", path: "/v1/:go", want: unbound},
		{template: "/v1/{id}:go", path: "/v1/a:b:go", want: bound},
		{template: "/v1/{id}:go", path: "/v1/ago", want: unbound},
		{template: "/v1/{name=a/*}/b", path: "/v1/a/x/b", want: bound},
		{template: "/v1/{name=a/*}/b", path: "/v1/b/x/b", want: unbound},
		{template: "/v1/{path=**}", path: "/v1/a/b", want: bound},
		{template: "/v1/{path=**}", path: "/v1/", want: bound},
		{template: "/v1/{path=**}", path: "/v1", want: unsure},
		{template: "/v1/{path=**}", path: "/v2", want: unbound},
		{template: "/{path=**}", path: "/", want: bound},
		{template: "/v1/{path=**}:go", path: "/v1/a:go", want: bound},
		{template: "/v1/{path=**}:go", path: "/v1:go", want: unsure},
		// Only a mode that unescapes the segments looks at the raw path.
		{template: "/v1/{id}", path: "/v1/a/b", raw: "/v1/a%2Fb", want: unbound},
		{template: "/v1/{id}", path: "/v1/a/b", raw: "/v1/a%2Fb", mode: runtime.UnescapingModeAllExceptReserved, want: bound},
		{template: "/v1/{id}", path: "/v1/a/b", raw: "/v1/a%2Fb", mode: runtime.UnescapingModeAllExceptSlash, want: bound},
		{template: "/v1/{id}", path: "/v1/a/b", raw: "/v1/a%2fb", mode: runtime.UnescapingModeAllCharacters, want: unbound},
		{template: "/v1/{id}/b", path: "/v1/a/b", raw: "/v1/a%2Fb", mode: runtime.UnescapingModeAllCharacters, want: bound},
		{template: "/v1/{id}", path: "/v1/a", raw: "/v1/%6", mode: runtime.UnescapingModeAllCharacters, want: unsure},
		{template: "/v1/{id}", path: "/v1/a", raw: "/v1/%61", mode: runtime.UnescapingModeAllCharacters + 1, want: unsure},
	} {
		mux := runtime.NewServeMux(runtime.WithUnescapingMode(c.mode))
		if err := mux.HandlePath(http.MethodGet, c.template, serveNothing); err != nil {
			t.Fatal(err)
		}
		got := readRoutes(mux).find(path{c.path, c.raw})
		if !slices.Equal(got, []verdict{c.want}) {
			t.Errorf("%s of %q %q in mode %d: %d, want %d", c.template, c.path, c.raw, c.mode, got, c.want)
		}
	}
}

// TestVerdictOfRoutes has a method of several routes: what one of them says for certain, others do not make unsure.
func TestVerdictOfRoutes(t *testing.T) {
	templates := []string{"/v1/{path=**}", "/{id}", "/v2/{path=**}", "/{path=**}:go"}
	for range templates {
		templates = append(templates[1:], templates[0])
		mux := runtime.NewServeMux()
		for _, template := range templates {
			if err := mux.HandlePath(http.MethodGet, template, serveNothing); err != nil {
				t.Fatal(err)
			}
		}
		for requested, want := range map[string]verdict{"/v1": bound, "/v2": bound, "/v3": bound, "/v3/a": unbound, "/v3/a:go": bound} {
			if got := readRoutes(mux).find(path{decoded: requested}); got[0] != want {
				t.Errorf("%s of %s: %d, want %d", requested, strings.Join(templates, " "), got[0], want)
			}
		}
	}
}
