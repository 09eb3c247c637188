package forward

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
)

// clusterID is the cluster of the example.
const clusterID = "6f1c1b1e-52f0-4c8e-9d6b-2f7c0a4d9e11"

// plane is the running example, which the parent started, and the transport of its clients.
type plane struct {
	url                   string
	administrator, viewer string // tokens

	// These change the next requests.
	token, method string
	hurried       bool

	// last is the last response, as it was sent.
	last response
}

// response is a response of the REST API.
type response struct {
	status     int
	body       string
	retryAfter string
}

func newPlane(t *testing.T) *plane {
	t.Helper()
	p := &plane{url: os.Getenv("CONTROLPLANE_URL")}
	p.administrator = p.grant(t, `{"clientId":"demo-administrator","clientSecret":"administrator-demo-secret"}`)
	p.viewer = p.grant(t, `{"clientId":"demo-viewer","clientSecret":"viewer-demo-secret"}`)
	return p
}

func (p *plane) grant(t *testing.T, credentials string) string {
	t.Helper()
	answer, err := http.Post(p.url+"/api/v1/token", "application/json", strings.NewReader(credentials))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var granted struct{ AccessToken string }
	if err := json.NewDecoder(answer.Body).Decode(&granted); err != nil || granted.AccessToken == "" {
		t.Fatalf("no token: %v", err)
	}
	return granted.AccessToken
}

// set sets a mode of something that the example depends on, for example store/corrupt.
func (p *plane) set(t *testing.T, mode string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, p.url+"/admin/"+mode, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", mode, answer.Status)
	}
}

// delay is the Retry-After of the errors that may have one.
const delay = "7"

// RoundTrip sends the request of a generated client and notes the response. The example never sends Retry-After, so the
// transport adds it, as a proxy may do.
func (p *plane) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	if p.token != "" {
		request.Header.Set("Authorization", "Bearer "+p.token)
	}
	if p.method != "" {
		request.Method = p.method
	}
	if p.hurried {
		request.Header.Set("Grpc-Timeout", "1n")
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode == http.StatusConflict || answer.StatusCode >= http.StatusInternalServerError {
		answer.Header.Set("Retry-After", delay)
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	answer.Body = &once{Reader: bytes.NewReader(body)}
	p.last = response{status: answer.StatusCode, body: string(body), retryAfter: answer.Header.Get("Retry-After")}
	return answer, err
}

// once is a body that cannot be read after it was closed, like that of net/http.
type once struct {
	io.Reader
	closed bool
}

func (o *once) Read(p []byte) (int, error) {
	if o.closed {
		return 0, fmt.Errorf("http: read on closed response body")
	}
	return o.Reader.Read(p)
}

func (o *once) Close() error {
	o.closed = true
	return nil
}
