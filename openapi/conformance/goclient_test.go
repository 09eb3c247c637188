package conformance_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	_ "github.com/oapi-codegen/runtime" // which the clients of oapi-codegen import
)

// exampleDocument is the document that the example serves.
const exampleDocument = "../../example/internal/openapi/generated/controlplane/v1/openapi.json"

// TestGoClients compiles the Go clients that generators make of the example's document.
func TestGoClients(t *testing.T) {
	document, err := filepath.Abs(exampleDocument)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("oapi-codegen", func(t *testing.T) {
		client := filepath.Join(t.TempDir(), "client.go")
		run(t, "", programs.Path("oapi-codegen"),
			"-generate", "types,client", "-package", "client", "-o", client, document)
		// The client is compiled as a package of this module, which pins its dependencies.
		wanted, err := filepath.Abs("client/client.go")
		if err != nil {
			t.Fatal(err)
		}
		overlay, err := json.Marshal(map[string]map[string]string{"Replace": {wanted: client}})
		if err != nil {
			t.Fatal(err)
		}
		overlayFile := filepath.Join(t.TempDir(), "overlay.json")
		if err := os.WriteFile(overlayFile, overlay, 0o600); err != nil {
			t.Fatal(err)
		}
		run(t, "", "go", "build", "-overlay", overlayFile, "./client")
	})
	t.Run("openapi-generator", func(t *testing.T) {
		generator := os.Getenv("OPENAPI_GENERATOR")
		if generator == "" {
			t.Skip("run.sh runs it, with the program from Maven Central")
		}
		client := t.TempDir()
		run(t, "", "java", "-jar", generator, "generate", "-g", "go", "-i", document, "-o", client,
			"--global-property", "apis,models,supportingFiles,apiTests=false,modelTests=false",
			"--additional-properties", "apiDocs=false,modelDocs=false")
		run(t, client, "go", "build", "-mod=mod", "./...")
	})
}

func run(t *testing.T, directory, program string, arguments ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, arguments...)
	command.Dir = directory
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, output)
	}
}
