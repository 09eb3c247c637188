package adoption_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/grpclog"

	"github.com/statusbridge/statusbridge/internal/adoption"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// TestMain silences grpc-gateway, which logs each failure.
func TestMain(m *testing.M) {
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
	m.Run()
}

const golden = "testdata/answers.txt"

// TestAdoption makes each request to both gateways on each transport. What Bridge answers is held against the contract,
// and everything against the record; UPDATE_GOLDEN=1 renews that.
func TestAdoption(t *testing.T) {
	var record strings.Builder
	for _, g := range adoption.Groups() {
		fmt.Fprintf(&record, "# %s\n", g.Name)
		for _, c := range g.Cases {
			d := c.Ask(t)
			t.Run(g.Name+"/"+c.Name, func(t *testing.T) { wantContract(t, d) })
			fmt.Fprintf(&record, "\n## %s\n%s\n", c.Name, c.Request)
			write(&record, "the recipes", d.Recipes)
			write(&record, "Bridge", d.Bridge)
		}
		record.WriteString("\n")
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(golden, []byte(record.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), record.String()); diff != "" {
		t.Errorf("the answers are not the recorded ones (-recorded +answered); run UPDATE_GOLDEN=1 go test ./internal/adoption\n%s", diff)
	}
}

// write records answers, once where the transports agree.
func write(b *strings.Builder, who string, answers map[testkit.Transport]adoption.Answer) {
	network, overNetwork := answers[testkit.Network]
	process, inProcess := answers[testkit.InProcess]
	if overNetwork && inProcess && cmp.Equal(network, process) {
		fmt.Fprintf(b, "%s:\n  %s\n", who, strings.Join(network.Lines(), "\n  "))
		return
	}
	for _, transport := range testkit.Transports {
		if a, ok := answers[transport]; ok {
			fmt.Fprintf(b, "%s, %s:\n  %s\n", who, transport, strings.Join(a.Lines(), "\n  "))
		}
	}
}

// wantContract demands of Bridge what the documented page and RFC 9110 do, and of both transports the same.
func wantContract(t *testing.T, d adoption.Difference) {
	t.Helper()
	answers := slices.Collect(maps.Values(d.Bridge))
	if len(answers) == 2 && !cmp.Equal(answers[0], answers[1]) {
		t.Errorf("the transports differ: %q and %q", answers[0].Lines(), answers[1].Lines())
	}
	a := answers[0]
	if a.Status != d.Status {
		t.Errorf("answered %q, want %d", a.Lines(), d.Status)
	}
	for _, line := range a.Header {
		if name, _, _ := strings.Cut(line, ": "); strings.Contains(strings.ToLower(name), "http-") != d.KeyLeaves {
			t.Errorf("%q left", line)
		}
	}
	if a.Status < 400 {
		return
	}
	var body struct {
		Code    int
		Message string
	}
	if err := json.Unmarshal([]byte(a.Body), &body); err != nil || body.Code != a.Status || body.Message == "" || a.Defect != "" {
		t.Errorf("the body is %q (%v, %s)", a.Body, err, a.Defect)
	}
	for httpStatus, name := range map[int]string{http.StatusMethodNotAllowed: "Allow: ", http.StatusUnauthorized: "Www-Authenticate: "} {
		has := slices.ContainsFunc(a.Header, func(line string) bool { return strings.HasPrefix(line, name) })
		if has != (a.Status == httpStatus) {
			t.Errorf("a %d with %q", a.Status, a.Header)
		}
	}
}
