package facade_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	facadev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/facade/v1"
	"github.com/statusbridge/statusbridge/example/internal/apitest"
	"github.com/statusbridge/statusbridge/example/internal/controlplane"
	"github.com/statusbridge/statusbridge/example/internal/facade"
	"github.com/statusbridge/statusbridge/example/internal/walkthrough"
	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
)

// start starts a facade of an API and a gateway that calls the facade. It returns the URL of the gateway.
func start(t *testing.T, api string, client *http.Client) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	facadev1.RegisterFacadeServiceServer(server, &facade.Service{URL: api, Client: client})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)

	plaintext := grpc.WithTransportCredentials(insecure.NewCredentials())
	connection, err := grpc.NewClient(listener.Addr().String(), plaintext)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	mux := gateway.New().NewServeMux()
	if err := facadev1.RegisterFacadeServiceHandler(context.WithoutCancel(t.Context()), mux, connection); err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(mux)
	t.Cleanup(front.Close)
	return front.URL
}

// same contains the parts of a response that a facade does not change.
type same struct {
	Status      int
	ContentType string
	RetryAfter  string
	Body        string
}

func sameOf(response apitest.Response) same {
	header := response.Header
	return same{response.Status, header.Get("Content-Type"), header.Get("Retry-After"), response.Body}
}

// recorder is a transport that keeps the last response of the API.
type recorder struct{ last same }

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(body))
	r.last = sameOf(apitest.Response{Status: response.StatusCode, Header: response.Header, Body: string(body)})
	return response, err
}

// TestSteps sends the requests of the tour through a facade. The requests that fail are also sent through a facade of
// the facade. The responses are those of the API, byte for byte.
func TestSteps(t *testing.T) {
	t.Parallel()
	plane := apitest.Start(t, controlplane.Config{})
	api := &recorder{}
	url := start(t, plane.URL(), &http.Client{Transport: api})
	outer := start(t, url, http.DefaultClient)
	var walked []int
	for _, step := range walkthrough.Steps() {
		t.Run(fmt.Sprint(step.Status), func(t *testing.T) {
			values, err := step.Prepare(t.Context(), plane.URL())
			if err != nil {
				t.Fatal(err)
			}
			r := step.Request.With(values)
			got := sameOf(apitest.Do(t, url, r.Method, r.Path, r.Token, r.Body))
			if got.Status != step.Status {
				t.Errorf("got %d, want %d: %s", got.Status, step.Status, got.Body)
			}
			if diff := cmp.Diff(api.last, got); diff != "" {
				t.Errorf("%s %s (-API +facade):\n%s", r.Method, r.Path, diff)
			}
			// A request that fails changes nothing, so it can be sent again.
			if step.Status >= http.StatusBadRequest {
				direct := sameOf(plane.Do(r.Method, r.Path, r.Token, r.Body))
				again := sameOf(apitest.Do(t, outer, r.Method, r.Path, r.Token, r.Body))
				if diff := cmp.Diff(direct, again); diff != "" {
					t.Errorf("%s %s (-API +facade of the facade):\n%s", r.Method, r.Path, diff)
				}
			}
			if err := step.Undo(t.Context(), plane.URL(), values); err != nil {
				t.Error(err)
			}
			walked = append(walked, got.Status)
		})
	}
	slices.Sort(walked)
	documented := []int{200, 202, 204, 400, 401, 403, 404, 405, 409, 500, 501, 502, 503, 504}
	if diff := cmp.Diff(documented, walked); diff != "" {
		t.Errorf("statuses (-documented +got):\n%s", diff)
	}
}

// TestOtherServers replaces the control plane by servers with other responses.
func TestOtherServers(t *testing.T) {
	t.Parallel()
	const busy = `{"code":503,"message":"the control plane restarts","details":"<a> & b"}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/busy"):
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Retry-After", "17")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, busy)
		case strings.HasSuffix(r.URL.Path, "/proxy"):
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, "<html><h1>502</h1>secret")
		case strings.HasSuffix(r.URL.Path, "/created"):
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, "{}")
		default:
			<-r.Context().Done()
		}
	}))
	defer server.Close()
	const (
		badGateway = `{"code":502,"message":"The gateway received an invalid response from an upstream service."}`
		timeout    = `{"code":504,"message":"The gateway timed out waiting for an upstream service."}`
	)
	url := start(t, server.URL, &http.Client{Timeout: time.Second})
	for path, want := range map[string]same{
		"busy":    {503, "application/json", "17", busy},
		"proxy":   {502, "application/json", "", badGateway},
		"created": {200, "application/json", "", "{}"},
		"hang":    {504, "application/json", "", timeout},
	} {
		got := sameOf(apitest.Do(t, url, http.MethodGet, "/api/v1/"+path, "", ""))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

// TestStoppedAPI calls a facade whose API has stopped, with a secret in the query.
func TestStoppedAPI(t *testing.T) {
	t.Parallel()
	url := start(t, "http://"+badpeer.Nowhere(t), http.DefaultClient)
	want := same{503, "application/json", "",
		`{"code":503,"message":"The service is temporarily unavailable or an internal service dependency is failing."}`}
	got := sameOf(apitest.Do(t, url, http.MethodGet, "/api/v1/projects?filterBy=secret", "", ""))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
