package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSuites runs suites that pass, fail and are left out, and expects a table in the given order and the right status.
func TestSuites(t *testing.T) {
	for _, tool := range []string{"bash", "make"} {
		if _, err := exec.LookPath(tool); err != nil {
			leaveOut(t, "there is no "+tool)
		}
	}
	directory := t.TempDir()
	if err := os.Mkdir(filepath.Join(directory, ".ci"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		".ci/suites": read(t, ".ci/suites"),
		"Makefile": "test-slow:\n\t@sleep 1; echo slow output\ntest-bad:\n\t@echo bad output; false\n" +
			"test-none:\n\t@echo 'none: left out: there is no tool'\n",
	} {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const slow, none = `slow +passed +\d+ s\s+`, `none +left out +\d+ s +there is no tool\s+together`
	for _, c := range []struct {
		suites, want string
		succeeds     bool
	}{
		{"slow none", slow + none, true},
		{"slow bad none", slow + `bad +FAILED +\d+ s\s+` + none, false},
	} {
		output, err := run(t, directory, append([]string{"bash", ".ci/suites"}, strings.Fields(c.suites)...)...)
		if (err == nil) != c.succeeds {
			t.Errorf("%s: suites returned %v", c.suites, err)
		}
		if !regexp.MustCompile(c.want).MatchString(output) || !strings.Contains(output, "slow output") {
			t.Errorf("%s: suites printed\n%s", c.suites, output)
		}
	}
}
