package explorer_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/statusbridge/statusbridge/example/internal/apitest"
	"github.com/statusbridge/statusbridge/example/internal/controlplane"
	"github.com/statusbridge/statusbridge/example/internal/explorer"
	"github.com/statusbridge/statusbridge/example/internal/trace"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// documented is a copy of the documented statuses, independent of the library's table.
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
	{"503", "Service Unavailable",
		"The service is temporarily unavailable or an internal service dependency is failing."},
	{"504", "Gateway Timeout", "The gateway timed out waiting for an upstream service."},
}

func newExplorer(t *testing.T, recorder *trace.Recorder) http.Handler {
	t.Helper()
	handler, err := explorer.New(controlplane.WithoutPrefix, recorder)
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

var tableRow = regexp.MustCompile(`(?s)<tr role="row" class="status".*?title="([^"]+)".*?` +
	`class="number">(\d+)</span>\s*<span class="reason">([^<]+)</span>.*?</tr>`)

func TestTable(t *testing.T) {
	t.Parallel()
	page := startWithExplorer(t).Do(http.MethodGet, "/", "", "")
	if page.Status != http.StatusOK || page.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("got %d, %v", page.Status, page.Header)
	}
	var shown [][3]string
	for _, match := range tableRow.FindAllStringSubmatch(page.Body, -1) {
		shown = append(shown, [3]string{match[2], match[3], html.UnescapeString(match[1])})
		if !strings.Contains(match[0], `href="#`+match[2]+`"`) || !strings.Contains(match[0], "<button ") {
			t.Errorf("the row of %s needs a link and a button: %s", match[2], match[0])
		}
	}
	if diff := cmp.Diff(documented, shown); diff != "" {
		t.Errorf("the table (-documented +shown):\n%s", diff)
	}
}

var (
	reference = regexp.MustCompile(`(?:src|href)="([^"]*)"`)
	imported  = regexp.MustCompile(`from "\./([a-z]+\.js)"|import "\./([a-z]+\.js)"`)
)

// TestFiles makes sure that the explorer loads only from its origin, and obeys its own policy.
func TestFiles(t *testing.T) {
	t.Parallel()
	plane := startWithExplorer(t)
	page := plane.Do(http.MethodGet, "/", "", "").Body
	for _, forbidden := range []string{"<style", " style=", " onclick="} {
		if strings.Contains(page, forbidden) {
			t.Errorf("the HTML contains %q, which its policy forbids", forbidden)
		}
	}
	paths := []string{"/"}
	for _, match := range reference.FindAllStringSubmatch(page, -1) {
		switch link := match[1]; {
		case strings.HasPrefix(link, explorer.Prefix):
			paths = append(paths, link)
		case link == "/openapi.json", strings.HasPrefix(link, "https://docs.nvidia.com/"), strings.HasPrefix(link, "#"):
			// A link loads nothing.
		default:
			t.Errorf("the HTML refers to %q", link)
		}
	}
	for i := 0; i < len(paths); i++ {
		file := plane.Do(http.MethodGet, paths[i], "", "")
		checkFile(t, plane, paths[i], file)
		for _, match := range imported.FindAllStringSubmatch(file.Body, -1) {
			if path := explorer.Prefix + match[1] + match[2]; !slices.Contains(paths, path) {
				paths = append(paths, path)
			}
		}
	}
	if len(paths) < 16 {
		t.Errorf("found only %q", paths)
	}
}

func checkFile(t *testing.T, plane *apitest.Plane, path string, file apitest.Response) {
	t.Helper()
	if file.Status != http.StatusOK || file.Body == "" || file.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s: %d %v", path, file.Status, file.Header)
	}
	address := regexp.MustCompile(`(?:@import|url\(|https?://)[^"]*`).FindString(file.Body)
	if address != "" && path != "/" && !strings.HasSuffix(path, ".svg") {
		t.Errorf("%s refers to %s", path, address)
	}
	policy := file.Header.Get("Content-Security-Policy")
	unsafe := strings.Contains(policy, "*") || strings.Contains(policy, "unsafe")
	if !strings.HasPrefix(policy, "default-src 'none'; ") || unsafe {
		t.Errorf("%s: the policy is %q", path, policy)
	}
	head := plane.Do(http.MethodHead, path, "", "")
	if head.Status != http.StatusOK || head.Body != "" || head.Header.Get("Content-Length") == "" {
		t.Errorf("HEAD %s: %d %v", path, head.Status, head.Header)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	plane := startWithExplorer(t)
	for _, test := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"POST", "/", 405, "GET, HEAD"},
		{"DELETE", "/explorer/main.js", 405, "GET, HEAD"},
		{"GET", "/explorer/steps/405", 405, "POST"},
		{"GET", "/explorer/own", 405, "POST"},
		{"POST", "/explorer/steps/418", 404, ""},
		{"POST", "/explorer/steps/405/", 404, ""},
		{"GET", "/explorer/index.html", 404, ""},
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
	apitest.Start(t, controlplane.Config{}).Do(http.MethodGet, "/", "", "").CheckError(t, http.StatusNotFound)
}

// TestOtherOrigins sends requests as browsers send them for pages of other origins.
func TestOtherOrigins(t *testing.T) {
	t.Parallel()
	plane := startWithExplorer(t)
	for _, test := range []struct {
		name   string
		change func(*http.Request)
		want   int
	}{
		{"another origin", func(r *http.Request) {
			r.Header.Set("Origin", "https://example.com")
		}, http.StatusForbidden},
		{"file", func(r *http.Request) { r.Header.Set("Origin", "null") }, http.StatusForbidden},
		{"another port", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }, http.StatusForbidden},
		{"another site", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, http.StatusForbidden},
		{"foreign host name", func(r *http.Request) {
			r.Host = "attacker.example:8080"
			r.Header.Set("Origin", "http://attacker.example:8080")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}, http.StatusForbidden},
		{"the explorer", func(r *http.Request) {
			r.Header.Set("Origin", plane.URL())
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}, http.StatusOK},
		{"the explorer at localhost", func(r *http.Request) { r.Host = "localhost:8080" }, http.StatusOK},
		{"not a browser", func(*http.Request) {}, http.StatusOK},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, plane.URL()+"/explorer/steps/405", nil)
		if err != nil {
			t.Fatal(err)
		}
		test.change(request)
		response, err := testkit.Client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != test.want {
			t.Errorf("%s: got %s, want %d", test.name, response.Status, test.want)
		}
	}
}

// TestFailedPreparation runs the explorer without a control plane, so that no step can be prepared.
func TestFailedPreparation(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newExplorer(t, trace.NewRecorder()))
	defer server.Close()
	got := apitest.Do(t, server.URL, http.MethodPost, "/explorer/steps/503", "", "").
		CheckError(t, http.StatusInternalServerError)
	want := "the request was not sent: PUT /admin/scheduler/running: 404 Not Found"
	if !strings.HasPrefix(got.Message, want) {
		t.Errorf("got %q, want %q", got.Message, want)
	}
}
