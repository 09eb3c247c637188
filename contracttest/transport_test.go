package contracttest_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/statusbridge/statusbridge/contracttest"
)

// tripperFunc is an http.RoundTripper.
type tripperFunc func(*http.Request) (*http.Response, error)

func (f tripperFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestRoundTripper(t *testing.T) {
	server := httptest.NewServer(limiter)
	defer server.Close()
	var got []contracttest.Violation
	next := &http.Transport{}
	defer next.CloseIdleConnections()
	client := &http.Client{
		Transport: contracttest.RoundTripper(next, func(v contracttest.Violation) { got = append(got, v) }),
	}
	response, err := client.Get(server.URL + "/v1/things")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != "slow down\n" {
		t.Errorf("the body was changed: %q, %v", body, err)
	}
	if rules := names(got); !slices.Equal(rules, limiterBreaks) {
		t.Errorf("got %v", rules)
	}
}

// judged returns a RoundTripper whose next transport returns response and err, and the violations that it finds.
func judged(response *http.Response, err error) (http.RoundTripper, *[]contracttest.Violation) {
	found := new([]contracttest.Violation)
	next := tripperFunc(func(*http.Request) (*http.Response, error) { return response, err })
	return contracttest.RoundTripper(next, func(v contracttest.Violation) { *found = append(*found, v) }), found
}

// TestRoundTripperSuccess expects that RoundTrip does not read the body of a success.
func TestRoundTripperSuccess(t *testing.T) {
	body := io.NopCloser(strings.NewReader("{}"))
	tripper, found := judged(&http.Response{StatusCode: http.StatusOK, Body: body}, nil)
	response, err := tripper.RoundTrip(httptest.NewRequest(http.MethodGet, "/v1/things/7", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.Body != body || len(*found) > 0 {
		t.Errorf("the body is now a %T, got %v", response.Body, *found)
	}
}

// TestRoundTripperError expects the error of the next transport.
func TestRoundTripperError(t *testing.T) {
	tripper, found := judged(nil, io.ErrClosedPipe)
	//nolint:bodyclose // the transport returns an error
	response, err := tripper.RoundTrip(httptest.NewRequest(http.MethodGet, "/v1/things/7", nil))
	if response != nil || !errors.Is(err, io.ErrClosedPipe) || len(*found) > 0 {
		t.Errorf("got %v, %v, %v", response, err, *found)
	}
}

// TestRoundTripperBrokenBody expects the error of a body that breaks off. Nothing judges such a body.
func TestRoundTripperBrokenBody(t *testing.T) {
	broken := io.MultiReader(strings.NewReader("{"), iotest.ErrReader(io.ErrUnexpectedEOF))
	tripper, found := judged(&http.Response{
		StatusCode: http.StatusTeapot, Header: documentedHeader(""), Body: io.NopCloser(broken),
	}, nil)
	response, err := tripper.RoundTrip(httptest.NewRequest(http.MethodGet, "/v1/things/7", nil))
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(response.Body); string(body) != "{" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the body is %q, %v", body, err)
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	if want := []string{"documented-status: the status 418 is not documented"}; !slices.Equal(texts(*found), want) {
		t.Errorf("got %q", texts(*found))
	}
}

// TestRoundTripperRequest expects the request that the response names, for example after a redirect. Otherwise it
// expects the request that was sent.
func TestRoundTripperRequest(t *testing.T) {
	sent := httptest.NewRequest(http.MethodGet, "/v1/things/7", nil)
	other := httptest.NewRequest(http.MethodPut, "/other", nil)
	for want, named := range map[string]*http.Request{"GET /v1/things/7": nil, "PUT /other": other} {
		tripper, found := judged(&http.Response{
			StatusCode: http.StatusTeapot, Header: documentedHeader(""), Body: http.NoBody, Request: named,
		}, nil)
		response, err := tripper.RoundTrip(sent)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if named != nil && response.Request != named {
			t.Errorf("%s: the request of the response is %v", want, response.Request)
		}
		if len(*found) == 0 || (*found)[0].Request != want {
			t.Errorf("got %v, want the request %q", *found, want)
		}
	}
}
