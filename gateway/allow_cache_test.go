package gateway_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/gateway"
)

// TestAllowIsNotStale registers a handler after a path has been refused.
func TestAllowIsNotStale(t *testing.T) {
	mux := runtime.NewServeMux(gateway.Bridge())
	base := serveMux(t, mux)
	want := []string{}
	for _, method := range []string{http.MethodDelete, http.MethodGet, "REPORT"} {
		if err := mux.HandlePath(method, "/v1/late", says("x")); err != nil {
			t.Fatal(err)
		}
		want = append(want, method)
		for range 3 {
			r := call{method: http.MethodPatch, path: "/v1/late"}.to(t, base)
			r.wantError(t, 405, "", "")
			if got := r.header.Get("Allow"); got != strings.Join(want, ", ") {
				t.Errorf("Allow is %q, want %q", got, strings.Join(want, ", "))
			}
		}
	}
}

// TestAllowOfManyPaths asks for more paths than are remembered, long and escaped ones among them, from several clients
// at once.
func TestAllowOfManyPaths(t *testing.T) {
	mux := runtime.NewServeMux(gateway.Bridge(), runtime.WithUnescapingMode(runtime.UnescapingModeAllExceptReserved))
	for path, methods := range map[string][]string{"/v1/a/{id}": {"GET", "PUT"}, "/v1/b/{id}": {"DELETE"}} {
		for _, method := range methods {
			if err := mux.HandlePath(method, path, says("x")); err != nil {
				t.Fatal(err)
			}
		}
	}
	base := serveMux(t, mux)
	var group sync.WaitGroup
	for client := range 4 {
		group.Go(func() {
			for i := range 200 {
				id := fmt.Sprintf("%d-%d", client%2, i)
				switch i % 10 {
				case 8:
					id = strings.Repeat("x", 300)
				case 9:
					id += "%2Fescaped"
				}
				for path, want := range map[string]string{"/v1/a/": "GET, PUT", "/v1/b/": "DELETE"} {
					r, err := call{method: http.MethodPatch, path: path + id}.send(http.DefaultClient, base)
					if err != nil {
						t.Error(err)
						return
					}
					if got := r.header.Get("Allow"); r.status != 405 || got != want {
						t.Errorf("PATCH %s%s: %d with Allow %q, want %q", path, id, r.status, got, want)
					}
				}
			}
		})
	}
	group.Wait()
}

// TestAllowForgetsPaths has a client make up paths: what is kept of them does not grow with their number.
func TestAllowForgetsPaths(t *testing.T) {
	const paths, limit = 20_000, 1 << 20 // twenty thousand kept paths take several times that
	mux := runtime.NewServeMux(gateway.Bridge())
	if err := mux.HandlePath(http.MethodGet, "/v1/a/{id}", says("x")); err != nil {
		t.Fatal(err)
	}
	held := func() int64 {
		var memory goruntime.MemStats
		goruntime.GC()
		goruntime.ReadMemStats(&memory)
		return int64(memory.HeapAlloc)
	}
	before := held()
	for i := range paths {
		path := fmt.Sprintf("/v1/a/%0200d", i)
		mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPut, path, nil))
	}
	if grown := held() - before; grown > limit {
		t.Errorf("%d paths are held in %d bytes", paths, grown)
	}
	goruntime.KeepAlive(mux)
}

// TestAllowIsRemembered counts what middleware sees of the mux being asked: once for a path, as long as it is neither long
// nor escaped and 256 others have not been asked for since.
func TestAllowIsRemembered(t *testing.T) {
	asked := 0
	mux := runtime.NewServeMux(runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
			asked++
			next(w, r, params)
		}
	}), gateway.Bridge())
	if err := mux.HandlePath(http.MethodGet, "/v1/{id}", says("x")); err != nil {
		t.Fatal(err)
	}
	base := serveMux(t, mux)
	ask := func(id string) int {
		asked = 0
		r := call{method: http.MethodPatch, path: "/v1/" + id}.to(t, base)
		if got := r.header.Get("Allow"); r.status != http.StatusMethodNotAllowed || got != http.MethodGet {
			t.Fatalf("%q: answered %d with Allow %q", id, r.status, got)
		}
		return asked
	}
	for id, again := range map[string]int{"a": 0, strings.Repeat("b", 252): 0, strings.Repeat("b", 253): 1, "a%41": 1} {
		if first := ask(id); first != 1 {
			t.Errorf("%q: asked %d times at first", id, first)
		}
		if second := ask(id); second != again {
			t.Errorf("%q: asked %d times again, want %d", id, second, again)
		}
	}
	for i := range 254 { // two are there
		ask(fmt.Sprint(i))
	}
	if ask("a") != 0 {
		t.Error("the 256th path takes the place of the first")
	}
	ask("z")
	if ask("a") != 1 {
		t.Error("256 paths are not the limit")
	}
}
