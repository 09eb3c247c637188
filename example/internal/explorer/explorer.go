// Package explorer is the page at / of the control plane: the table of documented statuses, with a button on each row
// that makes the request of the tour which gives that status, and shows the bytes both ways beside those of a stock
// grpc-gateway.
//
// The requests are made here and not by the browser, because a browser shows a script neither the bytes that it sent nor
// those that came. Only the requests of the tour are made, and only of the listener that the page itself came from.
package explorer

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/statusbridge/statusbridge/example/internal/loopback"
	"github.com/statusbridge/statusbridge/example/internal/walkthrough"
	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/mapping"
)

// Prefix is where everything but the page itself lies.
const Prefix = "/explorer/"

// exchangesPrefix is where a step is made, by a POST with its status as the last segment.
const exchangesPrefix = Prefix + "exchanges/"

//go:embed page
var files embed.FS

// policy lets the page load what it consists of, ask its own origin, and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// explorer makes the requests of the tour one step after the other: some of them break what all depend on.
type explorer struct {
	stock string
	turn  chan struct{}
	// steps has each step under its status.
	steps map[string]walkthrough.Step
}

// New returns the page, for / and everything below Prefix. The API answers at the root of the same listener, and without
// this library's part below the path stock, as in "/stock".
func New(stock string) (http.Handler, error) {
	e := &explorer{stock: stock, turn: make(chan struct{}, 1), steps: map[string]walkthrough.Step{}}
	for _, step := range walkthrough.Steps() {
		e.steps[strconv.Itoa(step.Status)] = step
	}
	index, err := renderIndex(e.steps, stock)
	if err != nil {
		return nil, fmt.Errorf("explorer: %w", err)
	}
	contents := map[string]http.Handler{"/": content("text/html; charset=utf-8", index)}
	for name, contentType := range map[string]string{
		"style.css": "text/css; charset=utf-8",
		"script.js": "text/javascript; charset=utf-8",
		"icon.svg":  "image/svg+xml",
	} {
		file, err := files.ReadFile("page/" + name)
		if err != nil {
			return nil, fmt.Errorf("explorer: %w", err)
		}
		contents[Prefix+name] = content(contentType, file)
	}
	// A web page elsewhere cannot make the requests: this refuses what a browser sends for another origin.
	sameOrigin := http.NewCrossOriginProtection()
	sameOrigin.SetDenyHandler(http.HandlerFunc(refuse))
	exchanges := sameOrigin.Handler(http.HandlerFunc(e.serveExchange))

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if content, ok := contents[r.URL.Path]; ok {
			content.ServeHTTP(w, r)
			return
		}
		exchanges.ServeHTTP(w, r)
	}), nil
}

// bridge writes the errors of the explorer. Its options do not matter: the explorer is inside the API's Handler.
var bridge = gateway.New()

// content answers GET and HEAD.
func content(contentType string, content []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			notAllowed(w, r, "GET, HEAD", "it is there to be read")
			return
		}
		header.Set("Content-Type", contentType)
		header.Set("Content-Length", strconv.Itoa(len(content)))
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-cache")
		_, _ = w.Write(content) // a caller that has gone reads nothing
	}
}

// serveExchange makes the request of one step of the API and of the stock gateway.
func (e *explorer) serveExchange(w http.ResponseWriter, r *http.Request) {
	step, ok := e.steps[strings.TrimPrefix(r.URL.Path, exchangesPrefix)]
	if !ok {
		bridge.WriteError(w, r, mapping.Errorf(http.StatusNotFound, "there is nothing here"))
		return
	}
	if r.Method != http.MethodPost {
		notAllowed(w, r, http.MethodPost, "a request is made with POST")
		return
	}
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	// A name of somebody's own that leads here is another origin, although the browser takes it for the same.
	if !ok || !loopback.Names(r.Host) {
		refuse(w, r)
		return
	}
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
	case <-r.Context().Done():
		return
	}
	comparison, err := e.compare(r.Context(), addr.String(), step)
	if err != nil {
		bridge.WriteError(w, r, mapping.Errorf(http.StatusInternalServerError, "the step did not work: %v", err))
		return
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(comparison); err != nil {
		bridge.WriteError(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body.Bytes()) // a caller that has gone reads nothing
}

func notAllowed(w http.ResponseWriter, r *http.Request, allow, message string) {
	w.Header().Set("Allow", allow)
	bridge.WriteError(w, r, mapping.Errorf(http.StatusMethodNotAllowed, "%s", message))
}

func refuse(w http.ResponseWriter, r *http.Request) {
	bridge.WriteError(w, r, mapping.Errorf(http.StatusForbidden, "only the page itself makes requests here"))
}
