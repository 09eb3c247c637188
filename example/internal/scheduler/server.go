// Package scheduler is the internal service that the control plane depends on: it reserves GPUs for workloads, over
// HTTP with JSON on a loopback port of its own, and it can be made to fail in the ways in which such services do.
package scheduler

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// reservation is the body of the scheduler's requests and answers.
type reservation struct {
	WorkloadID string `json:"workloadId,omitempty"`
	GPUs       int    `json:"gpus"`
	State      string `json:"state,omitempty"`
}

// Server is the scheduler.
type Server struct {
	mu   sync.Mutex
	http *http.Server
	done chan struct{}
	addr string

	reservationsMu sync.Mutex
	reservations   map[string]int
}

// Start returns a running scheduler.
func Start() (*Server, error) {
	s := &Server{reservations: map[string]int{}}
	if err := s.SetMode(Running); err != nil {
		return nil, err
	}
	return s, nil
}

// Addr returns where the scheduler listens, or where it last did.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addr
}

// Reserved returns how many GPUs are reserved in all.
func (s *Server) Reserved() int {
	s.reservationsMu.Lock()
	defer s.reservationsMu.Unlock()
	sum := 0
	for _, gpus := range s.reservations {
		sum += gpus
	}
	return sum
}

// SetMode changes how the scheduler behaves. Reservations survive. Each mode that listens takes a new port, as a
// restarted service may.
func (s *Server) SetMode(mode Mode) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
	var handler http.Handler
	switch mode {
	case Down:
		return nil
	case Hang:
		handler = http.HandlerFunc(hang)
	case Rubbish:
		handler = http.HandlerFunc(welcome)
	case Running:
		handler = s.handler()
	default:
		return fmt.Errorf("scheduler: unknown mode %q", mode)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("scheduler: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		// Serve returns when stop closes the server; a listener of our own has no other reason to fail.
		_ = server.Serve(listener)
	}()
	s.http, s.done, s.addr = server, done, listener.Addr().String()
	return nil
}

// Close stops the scheduler, and frees the requests that hang.
func (s *Server) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
}

func (s *Server) stop() {
	if s.http == nil {
		return
	}
	_ = s.http.Close() // the connections are gone either way
	<-s.done
	s.http, s.done = nil, nil
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /reservations/{id}", func(w http.ResponseWriter, r *http.Request) {
		var wanted reservation
		if err := json.NewDecoder(r.Body).Decode(&wanted); err != nil {
			http.Error(w, "the body is not a reservation", http.StatusBadRequest)
			return
		}
		s.reserve(r.PathValue("id"), wanted.GPUs)
		answer(w, reservation{WorkloadID: r.PathValue("id"), GPUs: wanted.GPUs, State: stateReserved})
	})
	mux.HandleFunc("DELETE /reservations/{id}", func(w http.ResponseWriter, r *http.Request) {
		s.release(r.PathValue("id"))
		answer(w, reservation{WorkloadID: r.PathValue("id"), State: stateReleased})
	})
	return mux
}

func (s *Server) reserve(id string, gpus int) {
	s.reservationsMu.Lock()
	defer s.reservationsMu.Unlock()
	s.reservations[id] = gpus
}

func (s *Server) release(id string) {
	s.reservationsMu.Lock()
	defer s.reservationsMu.Unlock()
	delete(s.reservations, id)
}

func answer(w http.ResponseWriter, r reservation) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(r) // a caller that has gone reads nothing
}

// hang reads the request, as a busy service does, and waits until the caller gives up or the server is closed.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

func welcome(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	_, _ = io.WriteString(w, "<!DOCTYPE html>\n<html><head><title>Welcome!</title></head>"+
		"<body><h1>It works!</h1><p>This web server has no content yet.</p></body></html>\n")
}
