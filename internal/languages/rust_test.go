package languages

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/statusbridge/statusbridge/mapping"
)

// TestRustTable holds the table of the Rust recipe against the status table: prost drops the options of the enum.
// UPDATE_GOLDEN=1 renews it.
func TestRustTable(t *testing.T) {
	var b strings.Builder
	b.WriteString("//! The documented statuses of errors and their gRPC codes, generated from the status table.\n\n")
	b.WriteString("pub const GRPC_CODES: &[(u16, i32)] = &[\n")
	for _, row := range mapping.Rows() {
		if row.HTTPStatus >= 400 {
			fmt.Fprintf(&b, "    (%d, %d), // %s\n", row.HTTPStatus, row.GRPCCode, row.GRPCCode)
		}
	}
	b.WriteString("];\n")
	path := filepath.Join("rust", "src", "table.rs")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := read(t, "internal/languages/rust/src/table.rs"); got != b.String() {
		t.Errorf("%s is not the status table; run UPDATE_GOLDEN=1 go test ./internal/languages", path)
	}
}
