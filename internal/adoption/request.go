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

// Answer is what the client got.
type Answer struct {
	// Status is 0 when what came is no answer.
	Status int
	// Header are the lines worth showing, sorted.
	Header []string
	// Body is JSON without optional white space, or as it came.
	Body string
	// Defect says what keeps the answer from being an HTTP message that is whole.
	Defect string
}

// patience is how long a request may take. Nothing is measured against it.
const patience = 30 * time.Second

// send makes the request to a server of its own, over a connection of its own.
func (r Request) send(t testing.TB, mux *runtime.ServeMux) Answer {
	t.Helper()
	server := httptest.NewUnstartedServer(mux)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // what net/http complains of shows in the answer
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
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
	response, err := client.Do(request)
	if err != nil {
		return Answer{Defect: defect(err)}
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return Answer{
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

// usual are headers that say nothing here: the clock's, the framing's, the connection's, and the one that grpc-gateway
// makes of every reply's own media type.
var usual = []string{"Connection", "Content-Length", "Date", "Grpc-Metadata-Content-Type"}

// headerLines leaves out the usual, and the type of a body that is JSON.
func headerLines(h http.Header, body bool) []string {
	var lines []string
	for name, values := range h {
		if slices.Contains(usual, name) || body && name == "Content-Type" && slices.Equal(values, []string{"application/json"}) {
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
	noBreak  = strings.NewReplacer("\u00a0", " ")
)

// stable takes out of a body what differs from run to run: protojson's white space, and ports.
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

// Lines are the answer, a line each: the status, the headers, the body.
func (a Answer) Lines() []string {
	if a.Status == 0 {
		return []string{"(no answer: " + a.Defect + ")"}
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
