package readme

import (
	"regexp"
	"strings"
	"testing"
)

// versions shows the versions that make test-versions runs with.
func versions(t *testing.T) string {
	t.Helper()
	table := "| Go | grpc | grpc-gateway | protobuf |\n|---|---|---|---|\n"
	for _, columns := range testedVersions(t) {
		table += "| " + strings.Join(columns, " | ") + " |\n"
	}
	return table
}

// runtimes shows the oldest versions that the metadata of the packages names.
func runtimes(t *testing.T) string {
	t.Helper()
	table := "| language | oldest version |\n|---|---|\n"
	for _, language := range []struct{ name, file, pattern string }{
		{"Python", "gen/python/pyproject.toml", `requires-python = ">=([0-9.]+)"`},
		{"Node.js", "gen/typescript/package.json", `"node": ">=([0-9]+)`},
		{"Java", "gen/java/pom.xml", `<maven.compiler.release>([0-9]+)<`},
	} {
		match := regexp.MustCompile(language.pattern).FindSubmatch(source(t, language.file))
		if match == nil {
			t.Fatalf("%s has no %s", language.file, language.pattern)
		}
		table += "| " + language.name + " | " + string(match[1]) + " |\n"
	}
	return table
}

// testedVersions returns the lines of .ci/versions.txt.
func testedVersions(t *testing.T) [][]string {
	t.Helper()
	var lines [][]string
	for line := range strings.Lines(string(source(t, ".ci/versions.txt"))) {
		columns := strings.Fields(line)
		if len(columns) == 0 || columns[0] == "#" {
			continue
		}
		if len(columns) != 4 {
			t.Fatalf(".ci/versions.txt: %q has %d columns", line, len(columns))
		}
		lines = append(lines, columns)
	}
	return lines
}

// TestOldestVersions expects go.mod to require the oldest tested versions and no more.
func TestOldestVersions(t *testing.T) {
	module, oldest := string(source(t, "go.mod")), testedVersions(t)[0]
	for i, pattern := range []string{
		`(?m)^go (.*)$`, `google.golang.org/grpc v(\S+)`, `grpc-ecosystem/grpc-gateway/v2 v(\S+)`,
		`google.golang.org/protobuf v(\S+)`,
	} {
		match := regexp.MustCompile(pattern).FindStringSubmatch(module)
		if match == nil || match[1] != oldest[i] {
			t.Errorf("go.mod requires %q, but the oldest tested version is %s", match, oldest[i])
		}
	}
}
