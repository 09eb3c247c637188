package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// curl is a command that prints the body and the status.
const curl = `$ curl -w ' %{http_code}\n' -X `

// TestModuleCommands types the commands of README.md for a module beside a clone, with the program of the page.
func TestModuleCommands(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	program := regexp.MustCompile("(?s)```go\n(// Command quickstart .*?)```").FindSubmatch(readme)
	commands := regexp.MustCompile(`(?m)^    (go mod .*)$`).FindAllSubmatch(readme, -1)
	if program == nil || len(commands) < 3 {
		t.Fatal("README.md has no program, or no commands")
	}
	clone, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir()
	if err := os.Symlink(clone, filepath.Join(directory, "statusbridge")); err != nil {
		skip(t, "the file system has no symbolic links: %v", err)
	}
	project := filepath.Join(directory, "project")
	if err := os.Mkdir(project, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(project, "main.go"), program[1], 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range commands {
		typeIn(t, project, string(command[1]))
	}
	typeIn(t, project, "go vet .")
}

// typeIn runs a command in a directory.
func typeIn(t *testing.T, directory, command string) {
	t.Helper()
	words := strings.Fields(command)
	c := exec.CommandContext(t.Context(), words[0], words[1:]...) //nolint:gosec // a command of README.md
	c.Dir = directory
	output, err := c.CombinedOutput()
	switch {
	case err == nil:
	case strings.Contains(string(output), "dial tcp"):
		skip(t, "no module proxy: %s", output)
	default:
		t.Fatalf("%s: %v\n%s", command, err, output)
	}
}

// skip skips the test for a reason. In CI that is a failure.
func skip(t *testing.T, reason string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(reason, args...)
	}
	t.Skipf(reason, args...)
}

// TestReadme sends the requests that README.md shows for this program, and compares the responses.
func TestReadme(t *testing.T) {
	handler, err := newHandler()
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, found := strings.Cut(string(readme), "<!-- begin quickstart responses -->\n```console\n")
	shown, _, complete := strings.Cut(shown, "```\n<!-- end -->")
	if !found || !complete {
		t.Fatal("README.md shows no responses of the program")
	}
	var sent strings.Builder
	for line := range strings.Lines(shown) {
		command, isCommand := strings.CutPrefix(strings.TrimSpace(line), curl)
		if !isCommand {
			continue
		}
		method, url, _ := strings.Cut(command, " ")
		r := httptest.NewRequestWithContext(t.Context(), method, "http://"+url, http.NoBody)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Fprintf(&sent, "%s%s %s\n%s %d\n", curl, method, url, w.Body, w.Code)
	}
	if sent.String() != shown {
		t.Errorf("README.md shows\n%s\nand the program sends\n%s", shown, sent.String())
	}
}
