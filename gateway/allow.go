package gateway

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
)

// A probe asks the mux whether it would route a method: the routing error handler reports that it would not, and
// the bridge's middleware, the first thing that a routed request meets, stops it before anything is called.
type probe struct {
	refused bool
}

type probeKey struct{}

func probeFrom(ctx context.Context) *probe {
	p, _ := ctx.Value(probeKey{}).(*probe)
	return p
}

// allow lists the methods that are bound to the path of a request, sorted, as the Allow header wants them.
func (b *bridge) allow(r *http.Request) string {
	p := &probe{}
	probing := r.WithContext(context.WithValue(r.Context(), probeKey{}, p))
	// Without its headers and body the request is routed by its method and path alone.
	probing.Header = http.Header{}
	probing.Body = http.NoBody
	probing.ContentLength = 0
	var bound []string
	for _, method := range methods(b.mux) {
		if method == r.Method {
			continue
		}
		probing.Method = method
		if b.routes(probing, p) {
			bound = append(bound, method)
		}
	}
	slices.Sort(bound)
	return strings.Join(bound, ", ")
}

// routes reports whether the mux has a handler for a probing request. A request that was not refused was routed, also
// when middleware outside the bridge's stopped it first, or failed on a request without headers.
func (b *bridge) routes(probing *http.Request, p *probe) (routed bool) {
	p.refused = false
	defer func() {
		_ = recover()
		routed = !p.refused
	}()
	b.mux.ServeHTTP(headerSink{}, probing)
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
		names = append(names, key.String())
	}
	return names
}
