package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// things documents one path of the test service.
const things = `{"openapi":"3.1.0","paths":{"/v1/things/{id}":{
	"get":{"responses":{"200":{},"400":{},"4XX":{}}},
	"patch":{},"put":{},"delete":{},"parameters":[]}}}`

func check(t *testing.T, handler http.Handler, document string, more ...string) (broken int, output string, err error) {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	file := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr strings.Builder
	broken, err = run(t.Context(), append([]string{"-url", server.URL, "-openapi", file}, more...), &stdout, &stderr)
	return broken, stdout.String(), err
}

func TestCorrectServer(t *testing.T) {
	bridge := gateway.New()
	handler := bridge.Handler(testkit.Register(t, testkit.InProcess, &testkit.Service{}, bridge.NewServeMux()))
	broken, output, err := check(t, handler, things, "-header", "Authorization: Bearer x")
	if err != nil || broken > 0 || !strings.Contains(output, "5 requests, 0 violations") {
		t.Errorf("got %d, %v\n%s", broken, err, output)
	}
}

func TestBrokenServer(t *testing.T) {
	for name, handler := range map[string]http.Handler{
		"another API": http.NotFoundHandler(),
		"undocumented teapot": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTeapot)
		}),
	} {
		t.Run(name, func(t *testing.T) {
			broken, output, err := check(t, handler, things, "-v")
			found := strings.Contains(output, "media-type") && strings.Contains(output, "openapi: ")
			if err != nil || broken == 0 || !found {
				t.Errorf("got %d, %v\n%s", broken, err, output)
			}
		})
	}
}

// TestDocumentedCommand runs the command of docs/contracttest.md against a test server.
func TestDocumentedCommand(t *testing.T) {
	page, err := os.ReadFile("../../docs/contracttest.md")
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(
		`cmd/contractcheck -url \S+ \\\n +-openapi \S+ -(\w+) "(.*)"\n`).FindSubmatch(page)
	if match == nil {
		t.Fatal("docs/contracttest.md has no such command")
	}
	bridge := gateway.New()
	handler := bridge.Handler(testkit.Register(t, testkit.InProcess, &testkit.Service{}, bridge.NewServeMux()))
	broken, output, err := check(t, handler, things, "-"+string(match[1]), string(match[2]))
	if err != nil || broken > 0 {
		t.Errorf("got %d, %v\n%s", broken, err, output)
	}
}

// TestInvalidArguments expects an error for documents and flags that cannot be used.
func TestInvalidArguments(t *testing.T) {
	for name, document := range map[string]string{"empty": "", "no paths": "{}", "YAML": "openapi: 3.1.0"} {
		if _, _, err := check(t, http.NotFoundHandler(), document); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, args := range [][]string{
		nil, {"-url", "http://127.0.0.1:1"}, {"-header", "x"}, {"-openapi", "missing", "-url", "x"},
	} {
		if _, err := run(t.Context(), args, &strings.Builder{}, &strings.Builder{}); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}
