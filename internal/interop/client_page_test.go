package interop

import (
	"fmt"
	"strings"
	"testing"

	"github.com/statusbridge/statusbridge/internal/testkit"
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
	compareBlock(t, clientsPage, "clients", made.String())
}

// String returns the cell of the table: the status, the texts and Retry-After.
func (r received) String() string {
	text := fmt.Sprint(r.httpStatus)
	if r.message == testkit.Meanings[r.httpStatus] {
		text += " and the documented sentence"
	} else {
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
