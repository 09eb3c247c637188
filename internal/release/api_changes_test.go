// Package release tests the scripts in .ci, the settings in .github, and the rules of a release.
package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

// run runs a program in a directory and returns its output.
func run(t *testing.T, directory string, arguments ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), arguments[0], arguments[1:]...)
	command.Dir = directory
	output, err := command.CombinedOutput()
	return string(output), err
}

// must runs a program that succeeds.
func must(t *testing.T, directory string, arguments ...string) {
	t.Helper()
	if output, err := run(t, directory, arguments...); err != nil {
		t.Fatalf("%v: %v\n%s", arguments, err, output)
	}
}

// leaveOut skips a test that lacks a tool, or fails in CI.
func leaveOut(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip("left out: " + reason)
}

// repository returns a repository with a copy of package mapping, the packages that it imports, and the tag v0.1.0. The
// whole module takes much longer to compile.
func repository(t *testing.T) string {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "copy")
	must(t, root, "git", "clone", "--quiet", "--no-hardlinks", "--no-tags", ".", copied)
	must(t, copied, "git", "config", "user.name", "test")
	must(t, copied, "git", "config", "user.email", "test@localhost")
	entries, err := os.ReadDir(copied)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		switch entry.Name() {
		case ".git", "go.mod", "go.sum", "gen", "mapping", "internal", "LICENSE":
		default:
			must(t, copied, "git", "rm", "-rq", entry.Name())
		}
	}
	must(t, copied, "sh", "-c", "git ls-files internal gen mapping | "+
		"grep -v -e '^internal/contract/[^/]*$' -e '^gen/go/' -e '^mapping/[^/]*$' -e _test | xargs git rm -q")
	must(t, copied, "sh", "-c", "git ls-files '*_test.go' | xargs git rm -q")
	must(t, copied, "git", "commit", "--quiet", "--message", "only mapping")
	must(t, copied, "git", "commit", "--quiet", "--allow-empty", "--message", "release")
	must(t, copied, "git", "tag", "v0.1.0")
	must(t, copied, "git", "tag", "v0.10.0") // later than each of the versions
	return copied
}

// TestAPIChanges makes a change in a copy of the module, and expects gorelease to report whether it is compatible.
func TestAPIChanges(t *testing.T) {
	if _, err := os.Stat(filepath.Join(root, ".tmp", "bin", "gorelease")); err != nil {
		leaveOut(t, "make builds gorelease, and has not done so")
	}
	if _, err := run(t, root, "git", "rev-parse", "HEAD"); err != nil {
		leaveOut(t, "there is no git repository")
	}
	const name = "func GRPCCode("
	copied := repository(t)
	t.Setenv("MODULE_CACHE", t.TempDir())
	for _, c := range []struct {
		name, replacement, version string
		removed, allowed           bool
	}{
		{"added name in a patch version", "// A is new.\nfunc A() {}\n\n" + name, "v0.1.1", false, true},
		{"removed name in a patch version", "func grpcCodeOf(", "v0.1.1", true, false},
		{"removed name in a minor version", "func grpcCodeOf(", "v0.2.0", true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			// The tag is beside the branch, as .ci/release makes it.
			must(t, copied, "git", "checkout", "--quiet", "v0.1.0^")
			replaceIn(t, filepath.Join(copied, "mapping"), name, c.replacement)
			must(t, copied, "git", "commit", "--quiet", "--all", "--message", "change")
			output, err := run(t, root, ".ci/api-changes", copied, c.version)
			if (err == nil) != c.allowed {
				t.Errorf("api-changes returned %v:\n%s", err, output)
			}
			if reported := strings.Contains(output, "GRPCCode: removed"); reported != c.removed {
				t.Errorf("api-changes printed:\n%s", output)
			}
		})
	}
}

// replaceIn replaces a text in the only Go file of a directory that has it.
func replaceIn(t *testing.T, directory, old, replacement string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(directory, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(content), old) || strings.HasSuffix(file, "_test.go") {
			continue
		}
		changed := strings.Replace(string(content), old, replacement, 1)
		if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatalf("%s has no %q", directory, old)
}
