// Package trace records the way of an HTTP request through the control plane: the Handler, the mux, the gRPC connection
// and the service. The explorer shows it.
//
// The explorer sends its requests from the same process, so it knows their client address. A Recorder identifies a
// request by that address. Requests from other addresses are not recorded.
package trace

import (
	"context"
	"sync"
)

// Trace is the way of one request. A field is empty if the request did not come so far.
type Trace struct {
	// Route is the path template that the mux found, and RPC the gRPC method that it is bound to.
	Route string `json:"route"`
	RPC   string `json:"rpc"`
	// GRPC is the gRPC status that the gateway received. It is nil if the gateway made no call.
	GRPC *GRPCStatus `json:"grpc"`
	// Reached reports that the call reached the service.
	Reached bool `json:"reached"`
	// Cause is the text of the error that the service returned.
	Cause string `json:"cause"`
	// Observation is what an observer of the gateway learned. It is nil for a success.
	Observation *Observation `json:"observation"`
}

// GRPCStatus is a gRPC status in words.
type GRPCStatus struct {
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Details []string `json:"details"`
}

// Observation is the part of a gateway.Observation that the explorer shows.
type Observation struct {
	Status int    `json:"status"`
	Origin string `json:"origin"`
	Code   string `json:"code"`
	Cause  string `json:"cause"`
}

// Recorder holds the traces of the requests that are under way. It is safe for concurrent use.
type Recorder struct {
	mu     sync.Mutex
	active map[string]*active // by the client's address
}

type active struct {
	trace Trace
	done  chan struct{} // closed when the response is complete
}

// NewRecorder returns an empty Recorder.
func NewRecorder() *Recorder { return &Recorder{active: map[string]*active{}} }

// Follow records the next request that comes from addr. The caller ends it with Stop.
func (r *Recorder) Follow(addr string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.active[addr] = &active{done: make(chan struct{})}
}

// Stop ends the recording of addr.
func (r *Recorder) Stop(addr string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.active, addr)
}

// Result waits until the response to addr is complete or ctx ends, and returns the trace.
func (r *Recorder) Result(ctx context.Context, addr string) Trace {
	a := r.find(addr)
	if a == nil {
		return Trace{}
	}
	select {
	case <-a.done:
	case <-ctx.Done():
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return a.trace
}

func (r *Recorder) find(addr string) *active {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.active[addr]
}

// record changes the trace of addr, if it is recorded.
func (r *Recorder) record(addr string, change func(*Trace)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a := r.active[addr]; a != nil {
		change(&a.trace)
	}
}
