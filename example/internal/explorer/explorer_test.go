package explorer_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/statusbridge/statusbridge/example/internal/apitest"
	"github.com/statusbridge/statusbridge/example/internal/controlplane"
	"github.com/statusbridge/statusbridge/example/internal/explorer"
)

// documented is the page of statuses, kept apart from the library's own table.
// https://docs.nvidia.com/run-ai/self-hosted/reference/rest-api/getting-started/using-the-rest-api/http-status-codes
var documented = [][3]string{
	{"200", "OK", "The request succeeded."},
	{"202", "Accepted", "The request was accepted but is still being processed."},
	{"204", "No Content", "The request succeeded and no response body is returned."},
	{"400", "Bad Request", "The request is invalid."},
	{"401", "Unauthorized", "Authentication failed."},
	{"403", "Forbidden", "The caller is authenticated but not authorized."},
	{"404", "Not Found", "The requested resource does not exist."},
	{"405", "Method Not Allowed", "The method is not allowed for this endpoint."},
	{"409", "Conflict", "The request conflicts with the current resource state."},
	{"500", "Internal Server Error", "An unexpected server error occurred."},
	{"501", "Not Implemented", "The server does not support the requested functionality."},
	{"502", "Bad Gateway", "The gateway received an invalid response from an upstream service."},
	{"503", "Service Unavailable", "The service is temporarily unavailable or an internal service dependency is failing."},
	{"504", "Gateway Timeout", "The gateway timed out waiting for an upstream service."},
}

func newExplorer(t *testing.T) http.Handler {
	t.Helper()
	handler, err := explorer.New(controlplane.StockPrefix)
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

var tableRow = regexp.MustCompile(`(?s)class="number">(\d+)</span> <span class="reason">([^<]+)</span>.*?class="meaning">([^<]+)<.*?</tr>`)

func TestTable(t *testing.T) {
	t.Parallel()
	plane := apitest.Start(t, controlplane.Config{Explorer: newExplorer(t)})
	page := plane.Do(http.MethodGet, "/", "", "")
	if page.Status != http.StatusOK || page.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("got %d, %v", page.Status, page.Header)
	}
	var shown [][3]string
	for _, match := range tableRow.FindAllStringSubmatch(page.Body, -1) {
		shown = append(shown, [3]string{match[1], match[2], html.UnescapeString(match[3])})
		if button := `data-status="` + match[1] + `"`; !strings.Contains(match[0], button) {
			t.Errorf("the row of %s has no button", match[1])
		}
	}
	if diff := cmp.Diff(documented, shown); diff != "" {
		t.Errorf("the table (-documented +shown):\n%s", diff)
	}
}

var reference = regexp.MustCompile(`(?:src|href)="([^"]*)"`)

// TestPageIsItsOwn makes sure that the page loads from its origin alone, and that nothing is in it that its policy forbids.
func TestPageIsItsOwn(t *testing.T) {
	t.Parallel()
	plane := apitest.Start(t, controlplane.Config{Explorer: newExplorer(t)})
	page := plane.Do(http.MethodGet, "/", "", "").Body
	for _, match := range reference.FindAllStringSubmatch(page, -1) {
		link := match[1]
		switch {
		case strings.HasPrefix(link, explorer.Prefix):
			part := plane.Do(http.MethodGet, link, "", "")
			if part.Status != http.StatusOK || part.Body == "" || part.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: %d %v", link, part.Status, part.Header)
			}
			if address := regexp.MustCompile(`(?:@import|url\(|https?://)[^"]*`).FindString(part.Body); address != "" && !strings.HasSuffix(link, ".svg") {
				t.Errorf("%s refers to %s", link, address)
			}
		case link == "/openapi.json", strings.HasPrefix(link, "https://docs.nvidia.com/"):
			// A link to follow, which loads nothing.
		default:
			t.Errorf("the page refers to %q", link)
		}
	}
	for _, forbidden := range []string{"<style", " style=", " onclick="} {
		if strings.Contains(page, forbidden) {
			t.Errorf("the page has %q, which its policy forbids", forbidden)
		}
	}
	for _, path := range []string{"/", explorer.Prefix + "style.css", explorer.Prefix + "script.js", explorer.Prefix + "icon.svg"} {
		policy := plane.Do(http.MethodGet, path, "", "").Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
		head := plane.Do(http.MethodHead, path, "", "")
		if head.Status != http.StatusOK || head.Body != "" || head.Header.Get("Content-Length") == "" {
			t.Errorf("HEAD %s: %d %v", path, head.Status, head.Header)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	plane := apitest.Start(t, controlplane.Config{Explorer: newExplorer(t)})
	for _, test := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"POST", "/", 405, "GET, HEAD"},
		{"DELETE", "/explorer/script.js", 405, "GET, HEAD"},
		{"GET", "/explorer/exchanges/405", 405, "POST"},
		{"POST", "/explorer/exchanges/418", 404, ""},
		{"POST", "/explorer/exchanges/405/", 404, ""},
		{"GET", "/explorer/", 404, ""},
		{"GET", "/explorer", 404, ""},
		{"GET", "/index.html", 404, ""},
		{"GET", "/favicon.ico", 404, ""},
	} {
		response := plane.Do(test.method, test.path, "", "")
		response.CheckError(t, test.status)
		if got := response.Header.Get("Allow"); got != test.allow {
			t.Errorf("%s %s: Allow: got %q, want %q", test.method, test.path, got, test.allow)
		}
	}
	// Without an explorer there is nothing at /.
	apitest.Start(t, controlplane.Config{}).Do(http.MethodGet, "/", "", "").CheckError(t, http.StatusNotFound)
}

// TestOtherOrigins makes the requests that pages of other origins could have a browser make.
func TestOtherOrigins(t *testing.T) {
	t.Parallel()
	plane := apitest.Start(t, controlplane.Config{Explorer: newExplorer(t)})
	for _, test := range []struct {
		name   string
		change func(*http.Request)
		want   int
	}{
		{"another origin", func(r *http.Request) { r.Header.Set("Origin", "https://example.com") }, http.StatusForbidden},
		{"a file", func(r *http.Request) { r.Header.Set("Origin", "null") }, http.StatusForbidden},
		{"another port", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }, http.StatusForbidden},
		{"another site", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, http.StatusForbidden},
		{"a name that leads here", func(r *http.Request) {
			r.Host = "attacker.example:8080"
			r.Header.Set("Origin", "http://attacker.example:8080")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}, http.StatusForbidden},
		{"the page", func(r *http.Request) {
			r.Header.Set("Origin", plane.URL())
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}, http.StatusOK},
		{"the page by name", func(r *http.Request) { r.Host = "localhost:8080" }, http.StatusOK},
		{"no browser", func(*http.Request) {}, http.StatusOK},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, plane.URL()+"/explorer/exchanges/405", nil)
		if err != nil {
			t.Fatal(err)
		}
		test.change(request)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != test.want {
			t.Errorf("%s: got %s, want %d", test.name, response.Status, test.want)
		}
	}
}

// TestStepThatDoesNotWork has no control plane around the explorer, so that no step can be prepared.
func TestStepThatDoesNotWork(t *testing.T) {
	t.Parallel()
	alone := httptest.NewServer(newExplorer(t))
	defer alone.Close()
	got := apitest.Do(t, alone.URL, http.MethodPost, "/explorer/exchanges/503", "", "").CheckError(t, http.StatusInternalServerError)
	if want := "the step did not work: PUT /admin/scheduler/running: 404 Not Found"; !strings.HasPrefix(got.Message, want) {
		t.Errorf("got %q, want %q", got.Message, want)
	}
}
