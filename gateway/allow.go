package gateway

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// detour marks a request that the library itself sends through the mux.
//
// A probe asks whether the mux would route a method, where the mux's table does not say it: the routing error handler
// reports that it would not, and the bridge's middleware, the first thing that a routed request meets, stops it before
// anything is called. The other detour is a HEAD that is served as a GET.
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
	p := pathOf(r)
	if x := exchangeFrom(r.Context()); x != nil && x.bridge() == b { // it may be that of a mux around this one
		p = x.path()
	}
	table := b.routeTable()
	var allowed []string
	for i, verdict := range table.find(p) {
		if verdict == bound || verdict == unsure && b.routes(r, p, table.methods[i]) {
			allowed = append(allowed, table.methods[i])
		}
	}
	return strings.Join(allowed, ", ")
}

// routeTable is the mux's, read anew when handlers have been registered since.
func (b *bridge) routeTable() *routeTable {
	table := b.table.Load()
	if table == nil {
		table = readRoutes(b.mux)
		b.table.Store(table)
	}
	return table
}

// routes asks the mux with a probe whether it has a handler for a method and a path. A probe that was not refused was
// routed, also when middleware outside the bridge's stopped it first, or failed on a request without headers.
func (b *bridge) routes(r *http.Request, p path, method string) (routed bool) {
	probe := &detour{Context: r.Context()}
	probing := r.WithContext(probe)
	probing.Method = method
	probing.URL = &url.URL{Path: p.decoded, RawPath: p.raw}
	// Without its headers and body the request is routed by its method and path alone.
	probing.Header = http.Header{}
	probing.Body = probeBody{}
	probing.ContentLength = 0
	defer func() {
		_ = recover()
		routed = !probe.refused
	}()
	b.mux.ServeHTTP(probeWriter{headerSink{}}, probing)
	return
}
