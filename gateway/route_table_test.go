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
	"github.com/statusbridge/statusbridge/internal/probe"
)

// TestAllowIsNotStale registers a handler after a path has been refused.
func TestAllowIsNotStale(t *testing.T) {
	mux := gateway.New().NewServeMux()
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

// TestAllowOfManyPaths asks for many paths, long and escaped ones among them, from several clients at once.
func TestAllowOfManyPaths(t *testing.T) {
	mux := gateway.New().NewServeMux(runtime.WithUnescapingMode(runtime.UnescapingModeAllExceptReserved))
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
	mux := gateway.New().NewServeMux()
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

// TestAllowIsRead counts what middleware before the bridge's sees of the mux being asked: nothing where the routes say
// which methods a path has, also by a path that was not asked for before.
func TestAllowIsRead(t *testing.T) {
	asked := []string{}
	count := runtime.WithMiddlewares(func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
			asked = append(asked, r.Method)
			next(w, r, params)
		}
	})
	mux := runtime.NewServeMux(count, probe.Bridge(gateway.New()))
	for _, route := range []struct{ method, path string }{
		{http.MethodGet, "/v1/{id}"}, {http.MethodPut, "/v1/{name=things/*}"}, {http.MethodPost, "/v1/{id}:copy"},
		{http.MethodDelete, "/v1/files/{path=**}"},
	} {
		if err := mux.HandlePath(route.method, route.path, says("x")); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ path, allow, asked string }{
		{"/v1/a", "GET", "[]"},
		{"/v1/a%2Fb", "", "[]"},
		{"/v1/a:copy", "GET, POST", "[]"},
		{"/v1/things/a", "PUT", "[]"},
		{"/v1/files/a/b", "DELETE", "[]"},
		{"/v1/files/", "DELETE", "[]"},
		{"/v1/files", "DELETE, GET", "[DELETE]"}, // may be left out with WithStrictDeepWildcardMatching
	} {
		for range 2 {
			asked = asked[:0]
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, httptest.NewRequest(http.MethodPatch, c.path, nil))
			status := http.StatusMethodNotAllowed
			if c.allow == "" {
				status = http.StatusNotFound
			}
			if got := w.Header().Get("Allow"); w.Code != status || got != c.allow || fmt.Sprint(asked) != c.asked {
				t.Errorf("%s: %d with Allow %q after %v, want %q after %s", c.path, w.Code, got, asked, c.allow, c.asked)
			}
		}
	}
}
