package conformance_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// TestInstall resolves the plugin with a version, as go install does once the module is published. The go command
// refuses a module with replace directives, and one that requires a version that nobody published. It does not compile
// here, because other tests compile the plugin.
func TestInstall(t *testing.T) {
	const path, version = "github.com/statusbridge/statusbridge/openapi", "v0.0.1"
	proxy := t.TempDir()
	versions := filepath.Join(proxy, filepath.FromSlash(path), "@v")
	if err := os.MkdirAll(versions, 0o700); err != nil {
		t.Fatal(err)
	}
	archive, err := os.Create(filepath.Join(versions, version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	if err := zip.CreateFromDir(archive, module.Version{Path: path, Version: version}, ".."); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	requirements, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		version + ".mod":  string(requirements),
		version + ".info": `{"Version":"` + version + `"}`,
		"list":            version + "\n",
	} {
		if err := os.WriteFile(filepath.Join(versions, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	goproxy, err := exec.CommandContext(t.Context(), "go", "env", "GOPROXY", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	others, cache, _ := strings.Cut(strings.TrimSpace(string(goproxy)), "\n")
	install := exec.CommandContext(t.Context(), "go", "install", "-n", path+"/protoc-gen-statusbridge-openapi@"+version)
	install.Dir = t.TempDir()
	install.Env = append(os.Environ(), "GOFLAGS=-modcacherw", "GONOSUMDB="+path,
		"GOPROXY=file://"+filepath.ToSlash(proxy)+",file://"+filepath.ToSlash(cache)+"/cache/download,"+others,
		"GOMODCACHE="+t.TempDir())
	if output, err := install.CombinedOutput(); err != nil {
		t.Fatalf("go install: %v\n%s", err, output)
	}
}
