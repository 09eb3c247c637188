package gateway

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
)

// detour marks a request that the library itself sends through the mux.
//
// A probe asks whether the mux would route a method: the routing error handler reports that it would not, and the
// bridge's middleware, the first thing that a routed request meets, stops it before anything is called. The other
// detour is a HEAD that is served as a GET.
type detour struct {
	context.Context // the request's

	head    bool
	refused bool
}

// Value finds the detour itself, and whatever the request's context holds.
func (d *detour) Value(key any) any {
	if key == (markKey{}) {
		return d
	}
	return d.Context.Value(key)
}

// A probe carries its mark three times, because a probe that is taken for a request deletes things: middleware may
// replace the context, the body or the writer.
type (
	probeBody   struct{}
	probeWriter struct{ headerSink }
)

func (probeBody) Read([]byte) (int, error) { return 0, io.EOF }
func (probeBody) Close() error             { return nil }

func isProbe(m marks, w http.ResponseWriter, r *http.Request) bool {
	if m.probes() {
		return true
	}
	_, body := r.Body.(probeBody)
	_, writer := w.(probeWriter)
	return body || writer
}

// allowed is the Allow header of a request's path: the methods that are bound to it, sorted. It speaks of the request as
// it was routed, whatever a handler has made of it since.
func (b *bridge) allowed(r *http.Request) string {
	refused, p := r.Method, pathOf(r) // by the router
	if x := exchangeFrom(r.Context()); x != nil {
		refused, p = "", x.path()
	}
	return b.allows.get(p, func() string { return b.ask(r, p, refused) })
}

// ask probes the mux for each method but the one that it has refused.
func (b *bridge) ask(r *http.Request, p path, refused string) string {
	probe := &detour{Context: r.Context()}
	probing := r.WithContext(probe)
	probing.URL = &url.URL{Path: p.decoded, RawPath: p.raw}
	// Without its headers and body the request is routed by its method and path alone.
	probing.Header = http.Header{}
	probing.Body = probeBody{}
	probing.ContentLength = 0
	var bound []string
	for _, method := range methods(b.mux) {
		probing.Method = method
		if method != refused && b.routes(probing, probe) {
			bound = append(bound, method)
		}
	}
	slices.Sort(bound)
	return strings.Join(bound, ", ")
}

// routes reports whether the mux has a handler for a probing request. A request that was not refused was routed, also
// when middleware outside the bridge's stopped it first, or failed on a request without headers.
func (b *bridge) routes(probing *http.Request, probe *detour) (routed bool) {
	probe.refused = false
	defer func() {
		_ = recover()
		routed = !probe.refused
	}()
	b.mux.ServeHTTP(probeWriter{headerSink{}}, probing)
	return
}

// standardMethods are those of RFC 9110 section 9 and PATCH (RFC 5789).
var standardMethods = []string{
	http.MethodConnect, http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions,
	http.MethodPatch, http.MethodPost, http.MethodPut, http.MethodTrace,
}

// methods are the methods that can be bound to anything at all. A route may be bound to any name, and the mux does
// not export its table; the names are read from it by reflection. A version of grpc-gateway that keeps its table
// elsewhere gets the standard methods, and TestMethods says so.
func methods(mux *runtime.ServeMux) []string {
	table := reflect.ValueOf(mux).Elem().FieldByName("handlers")
	if table.Kind() != reflect.Map || table.Type().Key().Kind() != reflect.String {
		return standardMethods
	}
	names := make([]string, 0, table.Len())
	for _, key := range table.MapKeys() {
		if name := key.String(); name != unreachable {
			names = append(names, name)
		}
	}
	return names
}
