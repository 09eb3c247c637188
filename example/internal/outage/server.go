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

	mu   sync.Mutex
	addr string
	stop func() // nil while nothing listens
}

// Start returns a running server. serve serves a listener until stop is called, which closes the listener and every
// connection.
func Start(serve func(net.Listener) (stop func())) (*Server, error) {
	s := &Server{serve: serve}
	return s, s.SetMode(Running)
}

// Addr returns where the server is to be looked for.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addr
}

// SetMode ends what listens, with its connections, and has something else listen, or nothing. The address is a new one
// each time, as that of a restarted service may be: the old one may be somebody else's by now.
func (s *Server) SetMode(mode Mode) error {
	serve := s.serve
	switch mode {
	case Running:
	case Down:
		serve = refuse
	case Hang:
		serve = hang
	case Rubbish:
		serve = welcome
	default:
		return fmt.Errorf("outage: unknown mode %q", mode)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("outage: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end()
	s.addr, s.stop = listener.Addr().String(), serve(listener)
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

// refuse leaves an address at which nobody listens.
func refuse(listener net.Listener) (stop func()) {
	_ = listener.Close()
	return func() {}
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
