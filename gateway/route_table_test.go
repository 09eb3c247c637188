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
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestAllowIsNotStale registers a handler after a path has been refused.
func TestAllowIsNotStale(t *testing.T) {
	mux := gateway.New().NewServeMux()
	base := testkit.Serve(t, mux)
	want := []string{}
	for _, method := range []string{http.MethodDelete, http.MethodGet, "REPORT"} {
		if err := mux.HandlePath(method, "/v1/late", says("x")); err != nil {
			t.Fatal(err)
		}
		want = append(want, method)
		for range 3 {
			r := call{Method: http.MethodPatch, Path: "/v1/late"}.To(t, base)
			r.WantError(t, 405, "", "")
			if got := r.Header.Get("Allow"); got != strings.Join(want, ", ") {
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
	base := testkit.Serve(t, mux)
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
					r, err := call{Method: http.MethodPatch, Path: path + id}.Send(http.DefaultClient, base)
					if err != nil {
						t.Error(err)
						return
					}
					if got := r.Header.Get("Allow"); r.Status != 405 || got != want {
						t.Errorf("PATCH %s%s: %d with Allow %q, want %q", path, id, r.Status, got, want)
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
