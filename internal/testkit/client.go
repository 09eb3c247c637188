package testkit

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Client is the HTTP/1.1 client of parallel tests. It has its own connections, because each httptest.Server that ends
// closes those of http.DefaultTransport. A request of another test can fail then, even if its response has arrived.
var Client = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}

// Call is one request of a client. The zero Call reads a thing.
type Call struct {
	Method string
	Path   string
	Body   string
	Header http.Header
}

// Response is the response as the client reads it. The header is that of net/http, without the framing of HTTP/1.1.
type Response struct {
	Status           int
	Header           http.Header
	Trailer          http.Header
	TransferEncoding []string
	Body             string
}

// Send sends the call and reads the whole response. It returns an error if no complete response arrives.
func (c Call) Send(client *http.Client, base string) (Response, error) {
	// A response that never comes fails one test and not all of them.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	request, err := c.request(ctx, base)
	if err != nil {
		return Response{}, err
	}
	response, err := client.Do(request)
	if err != nil {
		return Response{}, err
	}
	return read(response)
}

func (c Call) request(ctx context.Context, base string) (*http.Request, error) {
	method, url := cmp.Or(c.Method, http.MethodGet), base+cmp.Or(c.Path, "/v1/things/1")
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(c.Body))
	if err == nil {
		maps.Copy(request.Header, c.Header)
	}
	return request, err
}

func read(response *http.Response) (Response, error) {
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return Response{
		Status: response.StatusCode, Header: response.Header, Trailer: response.Trailer,
		TransferEncoding: response.TransferEncoding, Body: string(body),
	}, err
}

// To sends the call to a base URL with Client. The test ends if no response arrives.
func (c Call) To(t *testing.T, base string) Response {
	t.Helper()
	return c.At(t, Site{Client: Client, URL: base})
}

// At sends the call to a site. The test ends if no response arrives.
func (c Call) At(t *testing.T, s Site) Response {
	t.Helper()
	r, err := c.Send(s.Client, s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Opening is the status and the header of a response whose body has not been read.
type Opening struct {
	StatusCode    int
	Header        http.Header
	ContentLength int64
}

// Follow sends the call and returns when the header of the response has arrived. The test reads the body.
func (c Call) Follow(ctx context.Context, t *testing.T, s Site) (Opening, *bufio.Reader) {
	t.Helper()
	request, err := c.request(ctx, s.URL)
	if err != nil {
		t.Fatal(err)
	}
	response, err := s.Client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	opening := Opening{StatusCode: response.StatusCode, Header: response.Header, ContentLength: response.ContentLength}
	return opening, bufio.NewReader(response.Body)
}

// NoRedirects returns a copy of a site whose client returns redirects instead of following them.
func NoRedirects(s Site) Site {
	client := *s.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return Site{Client: &client, URL: s.URL}
}

// Recorded returns the response in a recorder, for tests that need no server.
func Recorded(recorder *httptest.ResponseRecorder) Response {
	response := recorder.Result()
	defer response.Body.Close()
	return Response{Status: response.StatusCode, Header: response.Header, Body: recorder.Body.String()}
}

// SendRaw sends a request line and headers on a new connection and returns all bytes of the response.
func SendRaw(address, line string, headers ...string) ([]byte, error) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = connection.Close() }()
	request := line + " HTTP/1.1\r\nHost: things\r\nConnection: close\r\n" + strings.Join(append(headers, ""),
		"\r\n") + "\r\n"
	if _, err := io.WriteString(connection, request); err != nil {
		return nil, err
	}
	return io.ReadAll(connection)
}

// ParseRaw reads the bytes of one response to a method as net/http does. It returns an error if the response is
// malformed or if anything follows it.
func ParseRaw(method string, message []byte) (Response, error) {
	reader := bufio.NewReader(bytes.NewReader(message))
	parsed, err := http.ReadResponse(reader, &http.Request{Method: method})
	if err != nil {
		return Response{}, fmt.Errorf("%w in %q", err, message)
	}
	r, err := read(parsed)
	if err != nil {
		return Response{}, fmt.Errorf("%w in %q", err, message)
	}
	if rest, _ := io.ReadAll(reader); len(rest) > 0 {
		return r, fmt.Errorf("%q follows the response", rest)
	}
	return r, nil
}
