package adoption

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
)

// Request is one request of a client. The zero request reads a thing.
type Request struct {
	Method string
	Path   string
	Body   string
	Header http.Header
}

// String is the request line without the version.
func (r Request) String() string {
	return cmp.Or(r.Method, http.MethodGet) + " " + cmp.Or(r.Path, "/v1/things/1")
}

// Response is the response that a client received.
type Response struct {
	// Status is 0 if the client did not receive a response.
	Status int
	// Header contains the sorted header lines that the tables show.
	Header []string
	// Body is the body, without optional white space if it is JSON.
	Body string
	// Defect describes why the response is incomplete or malformed.
	Defect string
}

// patience bounds a request, so that a test cannot hang.
const patience = 30 * time.Second

// send sends the request to a new server over a new connection.
func (r Request) send(t testing.TB, mux *runtime.ServeMux) Response {
	t.Helper()
	server := httptest.NewUnstartedServer(mux)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the defect shows the same
	server.Start()
	defer server.Close()
	method, path, _ := strings.Cut(r.String(), " ")
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(r.Body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range r.Header {
		request.Header[name] = values
	}
	transport := &http.Transport{DisableKeepAlives: true, DisableCompression: true}
	client := &http.Client{Timeout: patience, Transport: transport}
	response, err := client.Do(request)
	if err != nil {
		return Response{Defect: defect(err)}
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return Response{
		Status: response.StatusCode,
		Header: headerLines(response.Header, len(body) > 0),
		Body:   stable(body),
		Defect: defect(err),
	}
}

func defect(err error) string {
	switch {
	case err == nil:
		return ""
	case strings.Contains(err.Error(), "malformed"):
		return "not an HTTP message"
	case strings.Contains(err.Error(), "EOF"):
		return "the connection is cut"
	default:
		return err.Error()
	}
}

// usual lists headers that the tables do not show. grpc-gateway makes the last one from the media type of every reply.
var usual = []string{"Connection", "Content-Length", "Date", "Grpc-Metadata-Content-Type"}

// headerLines returns the headers without the usual ones, and without the type of a JSON body.
func headerLines(h http.Header, body bool) []string {
	var lines []string
	for name, values := range h {
		isJSON := name == "Content-Type" && slices.Equal(values, []string{"application/json"})
		if slices.Contains(usual, name) || body && isJSON {
			continue
		}
		for _, value := range values {
			lines = append(lines, name+": "+value)
		}
	}
	if body && len(h["Content-Type"]) == 0 {
		lines = append(lines, "(no Content-Type)")
	}
	slices.Sort(lines)
	return lines
}

var (
	loopback = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	noBreak  = strings.NewReplacer("\u00a0", " ", `\ufffd`, "\ufffd")
)

// stable removes the parts of a body that differ from run to run: the white space of protojson, and ports.
func stable(body []byte) string {
	lines := strings.Split(strings.TrimSuffix(string(body), "\n"), "\n")
	for i, line := range lines {
		var compact bytes.Buffer
		if json.Compact(&compact, []byte(line)) == nil {
			lines[i] = compact.String()
		}
	}
	return noBreak.Replace(loopback.ReplaceAllString(strings.Join(lines, "\n"), "127.0.0.1:9090"))
}

// Lines returns the status, the headers and the body.
func (a Response) Lines() []string {
	if a.Status == 0 {
		return []string{"(no response: " + a.Defect + ")"}
	}
	lines := []string{strings.TrimSpace(fmt.Sprint(a.Status, " ", http.StatusText(a.Status)))}
	lines = append(lines, a.Header...)
	if a.Body != "" {
		lines = append(lines, strings.Split(a.Body, "\n")...)
	}
	if a.Defect != "" {
		lines = append(lines, "("+a.Defect+")")
	}
	return lines
}
