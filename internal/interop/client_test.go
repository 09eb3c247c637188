package interop

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

// documented lists the documented statuses in ascending order.
var documented = slices.Sorted(maps.Keys(testkit.Meanings))

// reply is one response as a client sees it. err is set if the body did not arrive whole.
type reply struct {
	status int
	header http.Header
	body   []byte
	err    error
}

// caller sends requests over its own connections.
type caller struct {
	client *http.Client
}

func newCaller(t testing.TB) caller {
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return caller{client: &http.Client{
		Transport:     transport,
		Timeout:       testkit.Patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (c caller) get(t testing.TB, url string, header ...string) reply {
	t.Helper()
	return c.send(t, http.MethodGet, url, nil, header...)
}

// send sends one request; header has names and values in turn. A response whose header did not arrive has status 0.
func (c caller) send(t testing.TB, method, url string, body io.Reader, header ...string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := c.client.Do(request)
	if err != nil {
		return reply{err: err}
	}
	defer response.Body.Close()
	r := reply{status: response.StatusCode, header: response.Header}
	r.body, r.err = io.ReadAll(response.Body)
	return r
}

func (r reply) String() string {
	text := fmt.Sprintf("%d %s %q", r.status, r.header.Get("Content-Type"), truncate(r.body))
	if r.err != nil {
		text += " broken: " + r.err.Error()
	}
	return text
}

func truncate(body []byte) string {
	if len(body) > 200 {
		return string(body[:200]) + fmt.Sprintf("… (%d bytes)", len(body))
	}
	return string(body)
}

// wrong says how a response to a request for a status differs from the contract. It returns "" if it keeps it.
func wrong(r reply, httpStatus int, method string) string {
	switch {
	case r.err != nil:
		return "the body is broken: " + r.err.Error()
	case r.status != httpStatus:
		return fmt.Sprintf("status %d, want %d", r.status, httpStatus)
	case httpStatus == http.StatusNoContent:
		if len(r.body) > 0 || r.header.Get("Content-Type") != "" {
			return "a 204 with content"
		}
		return ""
	case r.header.Get("Content-Type") != "application/json":
		return fmt.Sprintf("Content-Type %q", r.header.Get("Content-Type"))
	case r.header.Get("Content-Length") != "" && method != http.MethodHead &&
		r.header.Get("Content-Length") != strconv.Itoa(len(r.body)):
		return "Content-Length " + r.header.Get("Content-Length") + " is not the length of the body"
	case method == http.MethodHead:
		if len(r.body) > 0 {
			return "a HEAD with a body"
		}
		return ""
	case httpStatus < 300:
		if !strings.Contains(string(r.body), `"thing"`) {
			return "the success has not the service's message"
		}
		return ""
	}
	return wrongError(r, httpStatus)
}

// wrongError says how an error differs from the documented body and headers.
func wrongError(r reply, httpStatus int) string {
	body, err := testkit.ParseErrorBody(string(r.body))
	switch {
	case err != nil:
		return "the body is not the documented one: " + err.Error()
	case body.Code != httpStatus || body.Message == "":
		return "the body has not the documented code and message"
	case httpStatus == http.StatusUnauthorized && r.header.Get("Www-Authenticate") == "":
		return "a 401 without a challenge"
	}
	return ""
}

// errorBody returns the documented error body, or a zero value if the body is another.
func (r reply) errorBody() testkit.ErrorBody {
	body, _ := testkit.ParseErrorBody(string(r.body))
	return body
}

// check fails the test if a response does not keep the contract.
func check(t testing.TB, r reply, httpStatus int) {
	t.Helper()
	checkMethod(t, r, httpStatus, http.MethodGet)
}

func checkMethod(t testing.TB, r reply, httpStatus int, method string) {
	t.Helper()
	if difference := wrong(r, httpStatus, method); difference != "" {
		t.Errorf("%s: %v", difference, r)
	}
}
