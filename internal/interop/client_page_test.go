package interop

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// clientsPage shows the errors of other libraries that FromError reads.
const clientsPage = "../../docs/reading-errors.md"

// TestPageClients compares the table in docs/reading-errors.md with the expectations of the tests.
func TestPageClients(t *testing.T) {
	var made strings.Builder
	made.WriteString("| client | its error | gRPC code | REST clients receive |\n|---|---|---|---|\n")
	for _, client := range []struct {
		name string
		errs []clientError
	}{
		{"client-go", kubernetesErrors(t)},
		{"googleapi, gax-go", googleErrors(t, getTasks)},
		{"Twirp", twirpErrors()},
		{"connect-go", connectErrors(t, getConnect())},
	} {
		for _, e := range client.errs {
			if e.row != "" {
				fmt.Fprintf(&made, "| %s | %s | %s | %s |\n", client.name, e.row, e.want.code, e.want)
			}
		}
	}
	content, err := os.ReadFile(clientsPage)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- begin interop clients -->\n", "<!-- end -->"
	before, rest, found := strings.Cut(string(content), begin)
	old, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no block for the clients", clientsPage)
	}
	if *update {
		write(t, clientsPage, []byte(before+begin+made.String()+end+after))
		return
	}
	if diff := cmp.Diff(old, made.String()); diff != "" {
		t.Errorf("%s, see -update (-page +tests):\n%s", clientsPage, diff)
	}
}

// String returns the cell of the table: the status, the texts and Retry-After.
func (r received) String() string {
	text := fmt.Sprint(r.httpStatus)
	switch r.message {
	case sentences[r.httpStatus]:
		text += " and the documented sentence"
	default:
		text += " `" + r.message + "`"
	}
	if r.details != "" {
		text += ", `details` `" + r.details + "`"
	}
	if r.retryAfter != "" {
		text += ", `Retry-After: " + r.retryAfter + "`"
	}
	return text
}
