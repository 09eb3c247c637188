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

const golden = "testdata/responses.txt"

// TestAdoption sends each request to both gateways on each transport. It compares all responses with the record, and
// those of the bridge with the contract. UPDATE_GOLDEN=1 renews the record.
func TestAdoption(t *testing.T) {
	var record strings.Builder
	for _, g := range adoption.Groups() {
		fmt.Fprintf(&record, "# %s\n", g.Name)
		for _, c := range g.Cases {
			d := c.Send(t)
			t.Run(g.Name+"/"+c.Name, func(t *testing.T) { wantContract(t, d) })
			fmt.Fprintf(&record, "\n## %s\n%s\n", c.Name, c.Request)
			write(&record, "with the recipes", d.Recipes)
			write(&record, "with a bridge", d.Bridge)
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
		t.Errorf("(-recorded +received), run UPDATE_GOLDEN=1 go test ./internal/adoption\n%s", diff)
	}
}

// write records responses, one if the transports agree.
func write(b *strings.Builder, who string, responses map[testkit.Transport]adoption.Response) {
	network, overNetwork := responses[testkit.Network]
	process, inProcess := responses[testkit.InProcess]
	if overNetwork && inProcess && cmp.Equal(network, process) {
		fmt.Fprintf(b, "%s:\n  %s\n", who, strings.Join(network.Lines(), "\n  "))
		return
	}
	for _, transport := range testkit.Transports {
		if a, ok := responses[transport]; ok {
			fmt.Fprintf(b, "%s, %s:\n  %s\n", who, transport, strings.Join(a.Lines(), "\n  "))
		}
	}
}

// wantContract expects a bridge to send the documented response, the same on both transports.
func wantContract(t *testing.T, d adoption.Difference) {
	t.Helper()
	responses := slices.Collect(maps.Values(d.Bridge))
	if len(responses) == 2 && !cmp.Equal(responses[0], responses[1]) {
		t.Errorf("the transports differ: %q and %q", responses[0].Lines(), responses[1].Lines())
	}
	a := responses[0]
	if a.Status != d.Status {
		t.Errorf("received %q, want %d", a.Lines(), d.Status)
	}
	for _, line := range a.Header {
		if name, _, _ := strings.Cut(line, ": "); strings.Contains(strings.ToLower(name), "http-") != d.KeySent {
			t.Errorf("%q was sent", line)
		}
	}
	if a.Status < 400 {
		return
	}
	var body struct {
		Code    int
		Message string
	}
	err := json.Unmarshal([]byte(a.Body), &body)
	if err != nil || body.Code != a.Status || body.Message == "" || a.Defect != "" {
		t.Errorf("the body is %q (%v, %s)", a.Body, err, a.Defect)
	}
	for httpStatus, name := range map[int]string{
		http.StatusMethodNotAllowed: "Allow: ", http.StatusUnauthorized: "Www-Authenticate: ",
	} {
		has := slices.ContainsFunc(a.Header, func(line string) bool { return strings.HasPrefix(line, name) })
		if has != (a.Status == httpStatus) {
			t.Errorf("a %d with %q", a.Status, a.Header)
		}
	}
}
