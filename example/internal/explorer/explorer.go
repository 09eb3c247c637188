// Package explorer is the website at / of the control plane. It lists the documented statuses and sends the request of
// the tour for each of them to two gateways: one with this library and one without it. It shows both responses.
//
// The server sends the requests, because scripts in a browser cannot read the bytes of requests and responses. It sends
// them only to its own listener.
package explorer

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/statusbridge/statusbridge/example/internal/loopback"
	"github.com/statusbridge/statusbridge/example/internal/trace"
	"github.com/statusbridge/statusbridge/example/internal/walkthrough"
	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/mapping"
)

// Prefix is the path prefix of the explorer. Only its HTML is at /.
const Prefix = "/explorer/"

// The paths that send requests.
const (
	// stepsPrefix is followed by the status of a step.
	stepsPrefix = Prefix + "steps/"
	// ownPath sends a request that the user wrote.
	ownPath = Prefix + "own"
)

// bridge writes the errors of the explorer.
var bridge = gateway.New()

type explorer struct {
	without string // the path prefix of the gateway without this library
	trace   *trace.Recorder
	steps   map[string]walkthrough.Step // by status
	// turn lets one comparison run at a time, because some steps break what the others need.
	turn chan struct{}
}

// New returns the handler of / and of all paths below Prefix. The gateway without this library is at the path without.
// The control plane must use the same recorder.
func New(without string, recorder *trace.Recorder) (http.Handler, error) {
	e := &explorer{
		without: without, trace: recorder, steps: map[string]walkthrough.Step{}, turn: make(chan struct{}, 1),
	}
	for _, step := range walkthrough.Steps() {
		e.steps[strconv.Itoa(step.Status)] = step
	}
	files, err := content(without)
	if err != nil {
		return nil, err
	}
	// Pages of other origins must not send requests through a user's browser.
	sameOrigin := http.NewCrossOriginProtection()
	sameOrigin.SetDenyHandler(http.HandlerFunc(refuse))
	requests := sameOrigin.Handler(http.HandlerFunc(e.serveComparison))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if file, ok := files[r.URL.Path]; ok {
			file.ServeHTTP(w, r)
			return
		}
		requests.ServeHTTP(w, r)
	}), nil
}

// serveComparison sends one request to both gateways.
func (e *explorer) serveComparison(w http.ResponseWriter, r *http.Request) {
	step, isStep := e.steps[strings.TrimPrefix(r.URL.Path, stepsPrefix)]
	if !isStep && r.URL.Path != ownPath {
		bridge.WriteError(w, r, mapping.Errorf(http.StatusNotFound, "the explorer does not have this path"))
		return
	}
	if r.Method != http.MethodPost {
		notAllowed(w, r, http.MethodPost)
		return
	}
	// A foreign DNS name may point to this machine. The browser then sends requests of that site as same-origin.
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok || !loopback.Names(r.Host) {
		refuse(w, r)
		return
	}
	if !isStep {
		var err error
		if step, err = readOwn(http.MaxBytesReader(w, r.Body, maxOwn)); err != nil {
			bridge.WriteError(w, r, err)
			return
		}
	}
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
	case <-r.Context().Done():
		return
	}
	comparison, err := e.compare(r.Context(), addr.String(), step)
	if err != nil {
		bridge.WriteError(w, r, mapping.Errorf(http.StatusInternalServerError, "the request was not sent: %v", err))
		return
	}
	writeJSON(w, r, comparison)
}

func writeJSON(w http.ResponseWriter, r *http.Request, value any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		bridge.WriteError(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body.Bytes()) // fails if the client has left
}

func notAllowed(w http.ResponseWriter, r *http.Request, allow string) {
	w.Header().Set("Allow", allow)
	bridge.WriteError(w, r, mapping.Errorf(http.StatusMethodNotAllowed, "use %s", allow))
}

func refuse(w http.ResponseWriter, r *http.Request) {
	bridge.WriteError(w, r, mapping.Errorf(http.StatusForbidden, "only the explorer may send requests here"))
}
