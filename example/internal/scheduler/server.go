// Package scheduler contains an internal service that the control plane depends on, and its client. The scheduler
// reserves GPUs for workloads. It speaks HTTP with JSON on a loopback port, and it can be made to fail.
package scheduler

import (
	"encoding/json"
	"net/http"
	"sync"

	"github.com/statusbridge/statusbridge/example/internal/outage"
)

// reservation is the body of the requests and the responses.
type reservation struct {
	WorkloadID string `json:"workloadId,omitempty"`
	GPUs       int    `json:"gpus"`
	State      string `json:"state,omitempty"`
}

// Server is the scheduler.
type Server struct {
	*outage.Server

	reservationsMu sync.Mutex
	reservations   map[string]int
}

// Start returns a running scheduler. Outages do not change its reservations.
func Start() (*Server, error) {
	s := &Server{reservations: map[string]int{}}
	var err error
	s.Server, err = outage.Start(outage.HTTP(s.handler()))
	return s, err
}

// Reserved returns the number of reserved GPUs.
func (s *Server) Reserved() int {
	s.reservationsMu.Lock()
	defer s.reservationsMu.Unlock()
	sum := 0
	for _, gpus := range s.reservations {
		sum += gpus
	}
	return sum
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
		send(w, reservation{WorkloadID: r.PathValue("id"), GPUs: wanted.GPUs, State: stateReserved})
	})
	mux.HandleFunc("DELETE /reservations/{id}", func(w http.ResponseWriter, r *http.Request) {
		s.release(r.PathValue("id"))
		send(w, reservation{WorkloadID: r.PathValue("id"), State: stateReleased})
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

func send(w http.ResponseWriter, r reservation) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(r) // fails if the client has left
}
