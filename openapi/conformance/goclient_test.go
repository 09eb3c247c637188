package conformance_test

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/oapi-codegen/runtime" // which the clients of oapi-codegen import
)

const (
	// exampleDocument is the document that the example serves.
	exampleDocument = "../../example/internal/openapi/generated/controlplane/v1/openapi.json"
	// forward is the package that calls the generated clients.
	forward = "testdata/forward"
)

// TestGoClients generates Go clients from the example's document and runs the tests of testdata/forward with them. The
// go command sees the generated files through an overlay, so that this module pins their dependencies.
func TestGoClients(t *testing.T) {
	if os.Getenv("DOCUMENTS") == "" {
		t.Skip("run.sh runs it, with the other generators")
	}
	replace := map[string]string{}
	overlay := func(name, file string) {
		path, err := filepath.Abs(filepath.Join(forward, name))
		if err != nil {
			t.Fatal(err)
		}
		replace[path] = file
	}
	directory := t.TempDir()
	overlay("forward.go", write(t, directory, "forward.go", forwardOfReadme(t)))
	overlay("oapi/client.go", oapiClient(t, directory))
	generated := generatorClient(t, directory)
	for _, file := range generated {
		overlay("generated/"+filepath.Base(file), file)
	}
	if len(generated) == 0 {
		t.Log("openapi-generator is missing")
		overlay("openapi_generator.go", "")
		overlay("openapi_generator_test.go", "")
	}
	content, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	test := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-vet=off", "-overlay",
		write(t, directory, "overlay.json", string(content)), "./"+forward)
	test.Env = append(os.Environ(), "CONTROLPLANE_URL="+startExample(t, directory))
	if output, err := test.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

// forwardOfReadme returns a file with the README's function Forward.
func forwardOfReadme(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(readme), "<!-- begin snippet mapping/readme_test.go client -->\n```go\n")
	function, _, found := strings.Cut(block, "```\n")
	if !found {
		t.Fatal("the README has no function Forward")
	}
	const imports = "import (\n\t\"net/http\"\n\n\t\"github.com/statusbridge/statusbridge/mapping\"\n)\n\n"
	return "package forward\n\n" + imports + function
}

// oapiClient generates a client with oapi-codegen.
func oapiClient(t *testing.T, directory string) string {
	t.Helper()
	client := filepath.Join(directory, "client.go")
	run(t, "", programs.Path("oapi-codegen"), "-generate", "types,client", "-package", "oapi", "-o", client,
		exampleDocument)
	return client
}

// generatorClient generates a client with openapi-generator and returns its files, or none if the program is missing.
func generatorClient(t *testing.T, directory string) []string {
	t.Helper()
	generator := os.Getenv("OPENAPI_GENERATOR")
	if generator == "" {
		return nil
	}
	out := filepath.Join(directory, "generated")
	run(t, "", "java", "-jar", generator, "generate", "-g", "go", "-i", exampleDocument, "-o", out,
		"--global-property", "apis,models,supportingFiles,apiTests=false,modelTests=false",
		"--additional-properties", "apiDocs=false,modelDocs=false,packageName=generated")
	files, err := filepath.Glob(filepath.Join(out, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("openapi-generator made %v, %v", files, err)
	}
	return files
}

// startExample starts the control plane of the example and returns its URL.
func startExample(t *testing.T, directory string) string {
	t.Helper()
	program := filepath.Join(directory, "controlplane")
	run(t, "../../example", "go", "build", "-o", program, "./cmd/controlplane")
	plane := exec.Command(program, "-addr", "127.0.0.1:0") //nolint:noctx // the cleanup ends it
	printed, err := plane.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := plane.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = plane.Process.Kill()
		_ = plane.Wait()
	})
	lines := bufio.NewScanner(printed)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "export URL="); ok {
			return url
		}
	}
	t.Fatal("the example did not start")
	return ""
}

func run(t *testing.T, directory, program string, arguments ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, arguments...)
	command.Dir = directory
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, output)
	}
}
