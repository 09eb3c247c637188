// Package readme holds README.md to the code: what it shows is generated here, from the table, from Examples with
// checked output and from live answers, and compared with what is written.
package readme

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/probe"
	"github.com/statusbridge/statusbridge/mapping"
)

const root = "../.."

var block = regexp.MustCompile(`(?s)<!-- begin ([^\n]*) -->\n(.*?)<!-- end -->`)

// TestREADME fails when a block of README.md is not what the code gives; UPDATE_GOLDEN=1 renews them.
func TestREADME(t *testing.T) {
	path := filepath.Join(root, "README.md")
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	generated := block.ReplaceAllStringFunc(string(written), func(old string) string {
		match := block.FindStringSubmatch(old)
		name, content := match[1], match[2]
		switch kind, arguments, _ := strings.Cut(name, " "); kind {
		case "table":
			content = table()
		case "snippet":
			file, region, _ := strings.Cut(arguments, " ")
			content = snippet(t, file, region)
		case "differences":
			content = differences(t)
		case "curl":
			// The example's own tests hold this one, against a running control plane.
		default:
			t.Errorf("README.md has a block %q that nothing generates", name)
		}
		return "<!-- begin " + name + " -->\n" + content + "<!-- end -->"
	})
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(generated), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(written), generated); diff != "" {
		t.Errorf("README.md is not what the code gives (-written +generated); run UPDATE_GOLDEN=1 go test ./internal/readme\n%s", diff)
	}
}

func table() string {
	var b strings.Builder
	b.WriteString("| HTTP | read as | codes that leave as it |\n|---|---|---|\n")
	for _, row := range mapping.Rows() {
		leaving := "chosen by the service"
		switch row.HTTPStatus {
		case http.StatusMethodNotAllowed:
			leaving += ", or by routing"
		case http.StatusBadGateway:
			leaving += ", or by what the upstream did"
		}
		if len(row.LeavesAs) > 0 {
			names := make([]string, len(row.LeavesAs))
			for i, code := range row.LeavesAs {
				names[i] = code.String()
			}
			leaving = strings.Join(names, ", ")
		}
		if mapping.HTTPStatus(codes.Code(99)) == row.HTTPStatus {
			leaving += ", every undefined code"
		}
		fmt.Fprintf(&b, "| %d %s | %v | %s |\n", row.HTTPStatus, http.StatusText(row.HTTPStatus), row.GRPCCode, leaving)
	}
	return b.String()
}

// fences are the languages of the snippets, as Markdown names them.
var fences = map[string]string{".go": "go", ".py": "python", ".ts": "ts", ".java": "java"}

func snippet(t *testing.T, file, region string) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	inside := false
	for line := range strings.Lines(string(source)) {
		line = strings.TrimSuffix(line, "\n")
		marker, _ := strings.CutPrefix(strings.TrimLeft(strings.TrimSpace(line), "/#"), " ")
		switch {
		case marker == "README: "+region:
			inside = true
		case marker == "README: end":
			inside = false
		case inside:
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		t.Fatalf("%s has no region %q", file, region)
	}
	indent := lines[0][:len(lines[0])-len(strings.TrimLeft(lines[0], "\t "))]
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], indent)
	}
	return "```" + fences[filepath.Ext(file)] + "\n" + strings.Trim(strings.Join(lines, "\n"), "\n") + "\n```\n"
}

// differences asks a stock gateway and one with Bridge the same, over real connections.
func differences(t *testing.T) string {
	service := &probe.Service{}
	stock := probe.Start(t, probe.Network, service)
	ours := probe.Start(t, probe.Network, service, gateway.Bridge())
	const known = "/v1/things/1"
	rows := []struct {
		what         string
		method, path string
		behaviour    probe.Behaviour
	}{
		{"the service accepts (`mapping.SetHTTPStatus(ctx, 202)`)", "GET", known, func(ctx context.Context) error {
			return mapping.SetHTTPStatus(ctx, http.StatusAccepted)
		}},
		{"a method that the path does not have", "POST", known, nil},
		{"HEAD where GET is bound", "HEAD", known, nil},
		{"a parameter of the wrong type", "GET", "/v1/things/first", nil},
		{"FailedPrecondition", "GET", known, fail(status.Error(codes.FailedPrecondition, "suspended already"))},
		{"ResourceExhausted", "GET", known, fail(status.Error(codes.ResourceExhausted, "ten a second"))},
		{"Unauthenticated", "GET", known, fail(status.Error(codes.Unauthenticated, "token expired"))},
		{"`mapping.Errorf(502, …)`", "GET", known, fail(mapping.Errorf(http.StatusBadGateway, "the scheduler makes no sense"))},
		{"a plain Go error", "GET", known, fail(errors.New("pq: no password for 10.0.0.3"))},
	}
	var b strings.Builder
	b.WriteString("| what happens | grpc-gateway alone | with `gateway.Bridge()` |\n|---|---|---|\n")
	for _, row := range rows {
		service.Behave(row.behaviour)
		fmt.Fprintf(&b, "| %s | %s | %s |\n", row.what,
			answer(t, row.method, stock+row.path), answer(t, row.method, ours+row.path))
	}
	return b.String()
}

func fail(err error) probe.Behaviour {
	return func(context.Context) error { return err }
}

var unstable = strings.NewReplacer(`, "`, `,"`, `: "`, `:"`, `: [`, `:[`, "\u00a0", " ")

func answer(t *testing.T, method, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	parts := []string{fmt.Sprint(response.StatusCode)}
	for _, name := range []string{"Allow", "WWW-Authenticate"} {
		if value := response.Header.Get(name); value != "" {
			parts = append(parts, "`"+name+": "+value+"`")
		}
	}
	if response.StatusCode >= http.StatusBadRequest && len(body) > 0 {
		// protojson's spacing differs from build to build, on purpose.
		parts = append(parts, "`"+unstable.Replace(string(body))+"`")
	}
	return strings.Join(parts, " ")
}
