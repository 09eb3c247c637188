package interop

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// raw sends bytes over a new connection and returns the response and all that follows its header. It pauses after half
// of the bytes, so that a server which closes the connection before it has read all of them does so before the rest.
func raw(t *testing.T, url string, request []byte) (reply, error) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(testkit.Patience))
	if half := len(request) / 2; half > 1<<10 {
		if _, err := conn.Write(request[:half]); err != nil {
			return reply{}, err
		}
		pause()
		request = request[half:]
	}
	if _, err := conn.Write(request); err != nil {
		return reply{}, err
	}
	r := readReply(bufio.NewReader(conn))
	if r.status == 0 {
		return r, r.err
	}
	return r, nil
}

// TestHTTP10 reads responses as a client of HTTP/1.0 does, for whom the end of the connection is the end of the body.
func TestHTTP10(t *testing.T) {
	bridge := gateway.New()
	m := newMux(t, bridge)
	for name, h := range map[string]http.Handler{"mux": m, "Handler": bridge.Handler(m)} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, h)
			for _, httpStatus := range documented {
				r, err := raw(t, url, fmt.Appendf(nil, "GET %s HTTP/1.0\r\n\r\n", thingPath(httpStatus)))
				if err != nil {
					t.Fatal(err)
				}
				check(t, r, httpStatus)
			}
			whole, err := raw(t, url, fmt.Appendf(nil, "GET %s HTTP/1.0\r\n\r\n", exportPath(3200)))
			if err != nil || whole.err != nil || !bytes.Equal(whole.body, export(3)) {
				t.Errorf("a download: %v %v", err, whole)
			}
			broken, err := raw(t, url, fmt.Appendf(nil, "GET %s HTTP/1.0\r\n\r\n", exportPath(3409)))
			if err == nil {
				err = broken.err
			}
			if !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("an aborted download is not reset: %v %v", err, broken)
			}
		})
	}
}

// refusedPosts are requests that the gateway refuses before it has read their bodies.
var refusedPosts = []struct {
	name, path, start string // start begins the body
	httpStatus        int
}{
	{"no route", "/v1/nowhere", `{"a":"`, http.StatusNotFound},
	{"no method", "/v1/things/200", `{"a":"`, http.StatusMethodNotAllowed},
	{"broken JSON", "/v1/things", `{broken `, http.StatusBadRequest},
}

// TestUnreadBody sends whole bodies to routes that refuse them unread. The client asks that the connection be closed.
func TestUnreadBody(t *testing.T) {
	bridge := gateway.New()
	m := newMux(t, bridge)
	for name, h := range map[string]http.Handler{"mux": m, "Handler": bridge.Handler(m)} {
		for _, request := range refusedPosts {
			for _, protocol := range []string{"HTTP/1.0", "HTTP/1.1"} {
				t.Run(name+"/"+request.name+"/"+protocol, func(t *testing.T) {
					url := serve(t, h)
					for _, size := range []int{20 << 10, 100 << 10, 200 << 10} {
						body := request.start + strings.Repeat("x", size)
						head := fmt.Sprintf("POST %s %s\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n",
							request.path, protocol, len(body))
						sent := []byte(head + body)
						lost := 0
						for range 10 {
							r, err := raw(t, url, sent)
							if err != nil {
								lost++
								continue
							}
							check(t, r, request.httpStatus)
						}
						if lost > 0 {
							t.Errorf("%d bytes: %d of 10 responses were lost", size, lost)
						}
					}
				})
			}
		}
	}
}

// TestKeptConnection sends a second request after a refused one whose body was not read. The server must not take the
// rest of that body for a request.
func TestKeptConnection(t *testing.T) {
	bridge := gateway.New()
	m := newMux(t, bridge)
	bounded := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 8<<20)
		m.ServeHTTP(w, r)
	})
	for name, h := range map[string]http.Handler{
		"mux":                           m,
		"Handler":                       bridge.Handler(m),
		"MaxBytesReader inside Handler": bridge.Handler(bounded),
		"MaxBytesReader before the mux": bounded,
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, h)
			for _, size := range []int{20 << 10, 300 << 10, 1000 << 10} {
				first := fmt.Sprintf("POST /v1/nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s",
					size, strings.Repeat("x", size))
				second := "GET " + thingPath(200) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
				conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
				if err != nil {
					t.Fatal(err)
				}
				_ = conn.SetDeadline(time.Now().Add(testkit.Patience))
				go func() { _, _ = io.WriteString(conn, first+second) }()
				reader := bufio.NewReader(conn)
				check(t, readReply(reader), http.StatusNotFound)
				// The server may close the connection instead.
				if r := readReply(reader); r.status != 0 {
					check(t, r, http.StatusOK)
				}
				_ = conn.Close()
			}
		})
	}
}

func readReply(reader *bufio.Reader) reply {
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		return reply{err: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return reply{status: response.StatusCode, header: response.Header, body: body, err: err}
}

// TestExpectContinue refuses a request whose client waits before it sends the body. The response must not wait for it.
func TestExpectContinue(t *testing.T) {
	bridge := gateway.New()
	m := newMux(t, bridge)
	for name, h := range map[string]http.Handler{"mux": m, "Handler": bridge.Handler(m)} {
		t.Run(name, func(t *testing.T) {
			r, err := raw(t, serve(t, h), []byte("POST /v1/nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"+
				"Expect: 100-continue\r\nContent-Length: 100000\r\n\r\n"))
			if err != nil {
				t.Fatal(err)
			}
			check(t, r, http.StatusNotFound)
		})
	}
}
