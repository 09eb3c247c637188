// Package outage makes a server on loopback fail in the ways in which servers do: it is stopped, it hangs, or a web
// server stands in its place.
package outage

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server is a server that can be made to fail.
type Server struct {
	serve func(net.Listener) (stop func())
	addr  string

	mu   sync.Mutex
	stop func() // nil while nothing listens
}

// Start returns a running server. serve serves a listener until stop is called, which closes the listener and every
// connection.
func Start(serve func(net.Listener) (stop func())) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("outage: %w", err)
	}
	return &Server{serve: serve, addr: listener.Addr().String(), stop: serve(listener)}, nil
}

// Addr returns where the server listens in every mode in which it does.
func (s *Server) Addr() string { return s.addr }

// SetMode ends what listens, with its connections, and has something else take the address.
func (s *Server) SetMode(mode Mode) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	serve := s.serve
	switch mode {
	case Running, Down:
	case Hang:
		serve = hang
	case Rubbish:
		serve = welcome
	default:
		return fmt.Errorf("outage: unknown mode %q", mode)
	}
	s.end()
	if mode == Down {
		return nil
	}
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return fmt.Errorf("outage: %w", err)
	}
	s.stop = serve(listener)
	return nil
}

// Close stops the server, and frees who waits for it.
func (s *Server) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end()
}

func (s *Server) end() {
	if s.stop != nil {
		s.stop()
	}
	s.stop = nil
}

// HTTP serves a handler.
func HTTP(handler http.Handler) func(net.Listener) (stop func()) {
	return func(listener net.Listener) func() {
		server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
		done := make(chan struct{})
		go func() {
			defer close(done)
			// Serve returns when stop closes the server; a listener of our own has no other reason to fail.
			_ = server.Serve(listener)
		}()
		return func() {
			_ = server.Close() // the connections are gone either way
			<-done
		}
	}
}

// hang takes connections and keeps them.
func hang(listener net.Listener) (stop func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			defer func() { _ = connection.Close() }()
		}
	}()
	return func() {
		_ = listener.Close()
		<-done
	}
}

var welcome = HTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	_, _ = io.WriteString(w, "<!DOCTYPE html>\n<html><head><title>Welcome!</title></head>"+
		"<body><h1>It works!</h1><p>This web server has no content yet.</p></body></html>\n")
}))
