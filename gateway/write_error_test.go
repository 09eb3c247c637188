package gateway_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestWriteError writes errors outside a mux.
func TestWriteError(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err     error
		status  int
		message string
		details string
	}{
		"status": {status.Error(codes.Unauthenticated, "no token"), 401, "no token", ""},
		"exact": {mapping.Errorf(502, "the scheduler answered nonsense"), 502, "the scheduler answered nonsense",
			""},
		"details":   {&mapping.Error{HTTPStatus: 409, Message: "taken", Details: "name"}, 409, "taken", "name"},
		"method":    {mapping.Errorf(405, "not here"), 405, "not here", ""},
		"Go error":  {errors.New(testkit.Secret), 500, "", ""},
		"nil":       {nil, 500, "", ""},
		"nil Error": {(*mapping.Error)(nil), 500, "", ""},
		"HTTP": {&runtime.HTTPStatusError{HTTPStatus: 403, Err: status.Error(codes.NotFound, "hidden")}, 403,
			"hidden", ""},
	} {
		for _, protocol := range testkit.Protocols {
			t.Run(name+" "+protocol, func(t *testing.T) {
				s := testkit.ServeOver(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Length", "3")
					w.Header().Set("Vary", "Origin")
					standard.WriteError(w, r, c.err)
				}))
				r := call{}.At(t, s)
				r.WantError(t, c.status, c.message, c.details)
				if r.Header.Get("Vary") != "Origin" {
					t.Errorf("the headers are %v", r.Header)
				}
				head := call{Method: "HEAD"}.At(t, s)
				delete(r.Header, "Date")
				delete(head.Header, "Date")
				if head.Status != r.Status || head.Body != "" || fmt.Sprint(head.Header) != fmt.Sprint(r.Header) {
					t.Errorf("HEAD gives %d %v, GET %d %v", head.Status, head.Header, r.Status, r.Header)
				}
			})
		}
	}
}

// TestWriteErrorInsideMux writes errors in middleware and in a route of the mux, with the options of its bridge.
func TestWriteErrorInsideMux(t *testing.T) {
	t.Parallel()
	for _, transport := range testkit.Transports {
		var n notebook
		bridge := gateway.New(gateway.WithChallenge("Basic"), gateway.WithObserver(n.observe))
		refuse := func(w http.ResponseWriter, r *http.Request) {
			bridge.WriteError(w, r, status.Error(codes.Unauthenticated, "no token"))
		}
		authorized := within(func(w http.ResponseWriter, r *http.Request,
			next func(http.ResponseWriter, *http.Request)) {
			if r.Method == http.MethodDelete {
				refuse(w, r)
				return
			}
			next(w, r)
		})
		mux := testkit.Register(t, transport, &testkit.Service{}, bridge.NewServeMux(authorized))
		handlePath(t, mux, "/own",
			func(w http.ResponseWriter, r *http.Request, _ map[string]string) { refuse(w, r) })
		base := testkit.Serve(t, mux)
		for _, c := range []call{{Path: "/own"}, {Method: "DELETE"}} {
			r := c.To(t, base)
			r.WantError(t, 401, "no token", "")
			if got := r.Header["Www-Authenticate"]; !slices.Equal(got, []string{"Basic"}) {
				t.Errorf("the challenge is %q", got)
			}
		}
		if len(n.seen) != 2 {
			t.Errorf("%s: observed %v", transport, n.seen)
		}
	}
}

// TestWriteErrorInsideHandler writes errors between Handler and the mux, and inside the mux. Each bridge uses its own
// options.
func TestWriteErrorInsideHandler(t *testing.T) {
	t.Parallel()
	var inside, outside notebook
	inner := gateway.New(gateway.WithChallenge("Inner"), gateway.WithObserver(inside.observe))
	outer := gateway.New(gateway.WithChallenge("Outer"), gateway.WithObserver(outside.observe))
	mux := testkit.Register(t, testkit.Network, &testkit.Service{}, inner.NewServeMux(
		within(func(w http.ResponseWriter, r *http.Request, _ func(http.ResponseWriter, *http.Request)) {
			inner.WriteError(w, r, status.Error(codes.Unauthenticated, "inside"))
		})))
	base := testkit.Serve(t, outer.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			outer.WriteError(w, r, status.Error(codes.Unauthenticated, "between"))
			return
		}
		mux.ServeHTTP(w, r)
	})))
	for _, c := range []struct {
		header             http.Header
		message, challenge string
	}{{nil, "between", "Outer"}, {http.Header{"Authorization": {"x"}}, "inside", "Inner"}} {
		r := call{Header: c.header}.To(t, base)
		r.WantError(t, 401, c.message, "")
		if got := r.Header.Values("WWW-Authenticate"); !slices.Equal(got, []string{c.challenge}) {
			t.Errorf("the challenge is %q, want %q", got, c.challenge)
		}
	}
	outside.one(t)
	inside.one(t)
}

// TestWriteErrorTwice has a handler forget to return and write a second error. The first one is sent, and complete.
func TestWriteErrorTwice(t *testing.T) {
	t.Parallel()
	twice := func(w http.ResponseWriter, r *http.Request) {
		standard.WriteError(w, r, testkit.ErrNotFound)
		standard.WriteError(w, r, status.Error(codes.Aborted, "a second error, which is longer than the first"))
	}
	mux := standard.NewServeMux()
	handlePath(t, mux, "/own",
		func(w http.ResponseWriter, r *http.Request, _ map[string]string) { twice(w, r) })
	for name, handler := range map[string]http.Handler{
		"route": mux, "route inside Handler": standard.Handler(mux),
		"handler": standard.Handler(http.HandlerFunc(twice)),
	} {
		for _, protocol := range testkit.Protocols {
			t.Run(name+" "+protocol, func(t *testing.T) {
				s := testkit.ServeOver(t, protocol, handler)
				call{Path: "/own"}.At(t, s).WantError(t, 404, "no such thing", "")
			})
		}
	}
}

// TestWriteErrorFirstCounts has middleware of a mux go on after it has sent an error. The first error is the response,
// also that of a HEAD, and a panic after it does not cut it off.
func TestWriteErrorFirstCounts(t *testing.T) {
	t.Parallel()
	first := func(w http.ResponseWriter, r *http.Request) { standard.WriteError(w, r, testkit.ErrNotFound) }
	type handle = func(http.ResponseWriter, *http.Request)
	for name, goOn := range map[string]func(w http.ResponseWriter, r *http.Request, next handle){
		"next handler":    func(w http.ResponseWriter, r *http.Request, next handle) { first(w, r); next(w, r) },
		"failing handler": func(w http.ResponseWriter, r *http.Request, next handle) { first(w, r); next(w, r) },
		"more bytes": func(w http.ResponseWriter, r *http.Request, _ handle) {
			first(w, r)
			_,
				_ = io.WriteString(w, "more")
		},
		"second error": func(w http.ResponseWriter, r *http.Request,
			_ handle) {
			first(w, r)
			standard.WriteError(w, r, nil)
		},
		"after an own error": func(w http.ResponseWriter, r *http.Request, _ handle) {
			http.Error(w, "gone", http.StatusNotFound)
			standard.WriteError(w, r, status.Error(codes.Aborted, "second"))
		},
		"panic after the error": func(w http.ResponseWriter, r *http.Request, _ handle) {
			first(w, r)
			panic(testkit.Secret)
		},
	} {
		service := &testkit.Service{}
		if name == "failing handler" {
			service.Behave(testkit.Fails(status.Error(codes.Aborted, "second")))
		}
		handler := testkit.Register(t, testkit.InProcess, service, standard.NewServeMux(within(goOn)))
		for _, protocol := range testkit.Protocols {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				t.Run(fmt.Sprint(name, " ", protocol, " ", method), func(t *testing.T) {
					r := call{Method: method}.At(t, testkit.ServeLogging(t, protocol, handler, io.Discard))
					if r.Status != 404 || strings.Contains(r.Body, "second") {
						t.Errorf("responded with %d %q", r.Status, r.Body)
					}
					if method == http.MethodGet && name != "after an own error" {
						r.WantError(t, 404, "no such thing", "")
					}
				})
			}
		}
	}
}

// TestWriteErrorTooLate writes an error after part of a body. The connection breaks, so that nobody takes it for a
// success.
func TestWriteErrorTooLate(t *testing.T) {
	t.Parallel()
	mux := standard.NewServeMux()
	err := mux.HandlePath(http.MethodGet, "/part", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		_, _ = io.WriteString(w, "part")
		standard.WriteError(w, r, status.Error(codes.Aborted, "failed"))
	})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := (call{Path: "/part"}).Send(testkit.Client, testkit.Serve(t, mux)); err == nil {
		t.Errorf("responded with %d %q", r.Status, r.Body)
	}
}

// TestWriteErrorThenMore has a handler forget to return. The error is the whole response.
func TestWriteErrorThenMore(t *testing.T) {
	t.Parallel()
	for _, middleware := range writerMiddlewares {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			for _, protocol := range testkit.Protocols {
				t.Run(fmt.Sprint(middleware.name, " ", method, " ", protocol), func(t *testing.T) {
					mux := standard.NewServeMux(middleware.options...)
					err := mux.HandlePath(http.MethodGet, "/own",
						func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
							standard.WriteError(w, r, testkit.ErrNotFound)
							w.Header().Set("X-Late", "yes")
							w.WriteHeader(http.StatusAccepted)
							_, _ = w.Write([]byte(`{"name":"thing"}`))
						})
					if err != nil {
						t.Fatal(err)
					}
					s := testkit.ServeOver(t, protocol, mux)
					r := call{Method: method, Path: "/own"}.At(t, s)
					if method == http.MethodGet {
						r.WantError(t, 404, "no such thing", "")
					}
					if r.Status != 404 || r.Header["X-Late"] != nil {
						t.Errorf("responded with %d with %v", r.Status, r.Header)
					}
				})
			}
		}
	}
}

// TestWriteErrorThenStream has middleware forget to return before a stream. The error is the only response, and the
// only one that is observed.
func TestWriteErrorThenStream(t *testing.T) {
	t.Parallel()
	for _, c := range []call{watch, export} {
		var n notebook
		service := &testkit.Service{}
		service.BehaveStream(testkit.Sends(0, testkit.ErrNotFound))
		bridge := gateway.New(gateway.WithObserver(n.observe))
		base := bridged(t, testkit.Network, service, bridge,
			within(func(w http.ResponseWriter, r *http.Request, next func(http.ResponseWriter, *http.Request)) {
				bridge.WriteError(w, r, status.Error(codes.PermissionDenied, "no entry"))
				next(w, r)
			}))
		c.To(t, base).WantError(t, 403, "no entry", "")
		if o := n.one(t); o.HTTPStatus != http.StatusForbidden {
			t.Errorf("observed %+v", o)
		}
	}
}

// TestConcurrency mixes responses on one mux. None may show a piece of another.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	for _, transport := range testkit.Transports {
		var n notebook
		bridge := gateway.New(gateway.WithObserver(n.observe))
		base := bridged(t, transport, &testkit.Service{}, bridge,
			within(func(w http.ResponseWriter, r *http.Request, next func(http.ResponseWriter, *http.Request)) {
				if message := r.Header.Get("Fail"); message != "" {
					bridge.WriteError(w, r, status.Error(codes.Aborted, message))
					return
				}
				next(w, r)
			}))
		var group sync.WaitGroup
		for worker := range 8 {
			group.Go(func() {
				for i := range 20 {
					message := fmt.Sprintf("worker %d failed %d times", worker, i)
					for _, c := range []struct {
						call call
						want testkit.ErrorBody
					}{
						{call{Header: http.Header{"Fail": {message}}}, testkit.ErrorBody{Code: 409, Message: message}},
						{call{Path: fmt.Sprintf("/v1/things/w%d", worker)},
							testkit.ErrorBody{Code: 400,
								Message: fmt.Sprintf(`invalid parameter "id": "w%d": invalid syntax`, worker)}},
						{call{Method: "OPTIONS"}, testkit.ErrorBody{Code: 405, Message: testkit.Meanings[405]}},
					} {
						r, err := c.call.Send(testkit.Client, base)
						if err != nil {
							t.Error(err)
							return
						}
						if err := r.ErrorDefect(); err != nil {
							t.Error(err)
						}
						if got, _ := testkit.ParseErrorBody(r.Body); got != c.want {
							t.Errorf("responded with %v, want %v", got, c.want)
						}
					}
				}
			})
		}
		group.Wait()
		if len(n.seen) != 8*20*3 {
			t.Errorf("%s: observed %d times", transport, len(n.seen))
		}
	}
}

// TestWriteErrorForReverseProxy gives WriteError to proxies that address their server in different ways. Nothing
// listens there, so the response is 503. An error of a handler that received the request is 500.
func TestWriteErrorForReverseProxy(t *testing.T) {
	t.Parallel()
	target := &url.URL{Scheme: "http", Host: badpeer.Nowhere(t)}
	proxies := map[string]*httputil.ReverseProxy{
		"Director keeps Host": httputil.NewSingleHostReverseProxy(target),
		"Director sets Host": {Director: func(r *http.Request) {
			r.URL.Scheme, r.URL.Host, r.Host = target.Scheme, target.Host, target.Host
		}},
		"Rewrite": {Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }},
		"Rewrite keeps Host": {Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
		}},
	}
	for name, proxy := range proxies {
		for _, form := range []string{"/legacy", "http://elsewhere/legacy"} {
			t.Run(name+" "+form, func(t *testing.T) {
				var n notebook
				bridge := gateway.New(gateway.WithObserver(n.observe))
				proxy := *proxy
				proxy.ErrorHandler = bridge.WriteError
				requestLine(t, &proxy, "GET "+form, http.StatusServiceUnavailable)
				if observed := n.one(t); observed.Origin != gateway.OriginUpstream {
					t.Errorf("the origin is %v", observed.Origin)
				}
			})
		}
	}
	received := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		gateway.New().WriteError(w, r, io.ErrUnexpectedEOF)
	})
	for _, line := range []string{"GET /legacy", "GET http://elsewhere/legacy", "CONNECT elsewhere:443"} {
		t.Run("received "+line, func(t *testing.T) {
			requestLine(t, received, line, http.StatusInternalServerError)
		})
	}
}

// requestLine sends a request with the given method and target, and checks the status of the response.
func requestLine(t *testing.T, handler http.Handler, line string, httpStatus int) {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	_, _ = fmt.Fprintf(connection, "%s HTTP/1.1\r\nHost: elsewhere\r\n\r\n", line)
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != httpStatus {
		t.Errorf("the status is %d", response.StatusCode)
	}
}

// TestWriteErrorForLargeBody has a handler read a request body that is over its limit.
func TestWriteErrorForLargeBody(t *testing.T) {
	t.Parallel()
	var n notebook
	bridge := gateway.New(gateway.WithObserver(n.observe))
	handler := bridge.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 3)); err != nil {
			bridge.WriteError(w, r, fmt.Errorf("read the upload: %w", err))
		}
	}))
	r := call{Method: "POST", Body: "body"}.To(t, testkit.Serve(t, handler))
	r.WantError(t, 400, "the request is too large", "")
	if o := n.one(t); o.Origin != gateway.OriginRequest {
		t.Errorf("the origin is %v", o.Origin)
	}
}

// TestWriteErrorForFailingServers has a proxy reach servers that do not respond, or not in HTTP, and requests that are
// too large.
func TestWriteErrorForFailingServers(t *testing.T) {
	t.Parallel()
	speaks := func(text string) badpeer.Peer {
		return func(connection net.Conn) {
			// Closing a connection with unread bytes resets it. The client could then lose the text.
			if request, err := http.ReadRequest(bufio.NewReader(connection)); err == nil {
				_, _ = io.Copy(io.Discard, request.Body)
			}
			_, _ = io.WriteString(connection, text)
			_ = connection.Close()
		}
	}
	for name, c := range map[string]struct {
		peer   badpeer.Peer
		limit  int64 // of a request body
		status int
		origin gateway.Origin
	}{
		"hangs up":     {badpeer.HangUp, 9, 503, gateway.OriginUpstream},
		"says nothing": {badpeer.Mute, 9, 504, gateway.OriginUpstream},
		"is no HTTP":   {speaks("220 mail ready\r\n\r\n"), 9, 502, gateway.OriginUpstream},
		"too large":    {badpeer.Mute, 1, 400, gateway.OriginRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n notebook
			bridge := gateway.New(gateway.WithObserver(n.observe))
			proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: badpeer.Listen(t, nil, c.peer)})
			proxy.Transport = &http.Transport{ResponseHeaderTimeout: 200 * time.Millisecond, DisableKeepAlives: true}
			proxy.ErrorHandler = bridge.WriteError
			handler := http.MaxBytesHandler(bridge.Handler(proxy), c.limit)
			r := call{Method: "POST", Path: "/legacy", Body: "body"}.To(t, testkit.Serve(t, handler))
			if r.Status != c.status || r.ErrorDefect() != nil {
				t.Errorf("responded with %d %s: %v", r.Status, r.Body, r.ErrorDefect())
			}
			if o := n.one(t); o.Origin != c.origin {
				t.Errorf("the origin is %v of %v", o.Origin, o.Err)
			}
		})
	}
}

// TestWriteErrorForProxyOfLeavingClient has the client leave while a proxy waits for its server.
func TestWriteErrorForProxyOfLeavingClient(t *testing.T) {
	t.Parallel()
	reached, observed := make(chan struct{}), make(chan gateway.Observation, 1)
	bridge := gateway.New(gateway.WithObserver(func(_ context.Context, o gateway.Observation) { observed <- o }))
	server := badpeer.Listen(t, nil, func(connection net.Conn) {
		close(reached)
		badpeer.Mute(connection)
	})
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: server})
	proxy.ErrorHandler = bridge.WriteError
	ctx, leave := context.WithCancel(t.Context())
	base := testkit.Serve(t, bridge.Handler(proxy))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/legacy", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-reached
		leave()
	}()
	if response, err := testkit.Client.Do(request); err == nil {
		_ = response.Body.Close()
		t.Fatalf("responded with %s", response.Status)
	}
	if o := <-observed; !o.ClientGone {
		t.Errorf("observed %+v", o)
	}
}

// TestWriteErrorForClosedConnection has a server close the connection before a proxy sends its request.
func TestWriteErrorForClosedConnection(t *testing.T) {
	t.Parallel()
	var n notebook
	bridge := gateway.New(gateway.WithObserver(n.observe))
	closed := make(chan struct{})
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		return notedClose{ours, sync.OnceFunc(func() { close(closed) })}, theirs.Close()
	}}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "things"})
	proxy.Transport = transport
	proxy.ErrorHandler = bridge.WriteError
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { <-closed }}
	handler := bridge.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proxy.ServeHTTP(w, r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
	}))
	call{Method: "POST", Path: "/legacy", Body: "body"}.To(t, testkit.Serve(t, handler)).WantError(t, 503, "", "")
	if o := n.one(t); o.Origin != gateway.OriginUpstream {
		t.Errorf("the origin is %v of %v", o.Origin, o.Err)
	}
}

// notedClose is a connection that calls noted when it is closed.
type notedClose struct {
	net.Conn

	noted func()
}

func (c notedClose) Close() error {
	c.noted()
	return c.Conn.Close()
}
