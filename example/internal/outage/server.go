// Package outage runs servers on a loopback address and makes them fail as real servers do: a server refuses
// connections, hangs, or is replaced by a web server.
package outage

import (
	"errors"
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

// Start returns a running server. serve starts to serve a listener, and stop closes the listener and all connections.
func Start(serve func(net.Listener) (stop func())) (*Server, error) {
	s := &Server{serve: serve}
	return s, s.SetMode(Running)
}

// Addr returns the current address of the server.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addr
}

// SetMode stops the server with its connections and starts it in another mode. The address is new each time, because
// another program may have taken the old port.
func (s *Server) SetMode(mode Mode) error {
	return s.setMode(mode, func(string) {})
}

// setMode tells the clients the new address before the old server stops, so that they do not connect to the old one.
func (s *Server) setMode(mode Mode, tell func(address string)) error {
	listen, serve := listenOnLoopback, s.serve
	switch mode {
	case Running:
	case Down:
		listen, serve = reserve, hang
	case Hang:
		serve = hang
	case Rubbish:
		serve = welcome
	default:
		return fmt.Errorf("outage: unknown mode %q", mode)
	}
	listener, err := listen()
	if err != nil {
		return fmt.Errorf("outage: %w", err)
	}
	address := listener.Addr().String()
	tell(address)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end()
	s.addr, s.stop = address, serve(listener)
	return nil
}

func listenOnLoopback() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }

// Close stops the server and closes its connections.
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
			_ = server.Serve(listener) // returns after Close
		}()
		return func() {
			_ = server.Close() // closes the connections even if it fails
			<-done
		}
	}
}

// reserved is a listener whose address refuses connections. A connection to the real listener begins at the address, so
// that no other program can listen there.
type reserved struct {
	net.Listener
	connection net.Conn
}

func reserve() (net.Listener, error) {
	listener, err := listenOnLoopback()
	if err != nil {
		return nil, err
	}
	connection, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		_ = listener.Close()
		return nil, err
	}
	return reserved{listener, connection}, nil
}

func (r reserved) Addr() net.Addr { return r.connection.LocalAddr() }

func (r reserved) Close() error { return errors.Join(r.connection.Close(), r.Listener.Close()) }

// hang accepts connections and does not read from them.
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
