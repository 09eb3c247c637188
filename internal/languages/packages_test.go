package languages

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func find(t *testing.T, path, pattern string) string {
	t.Helper()
	match := regexp.MustCompile(pattern).FindStringSubmatch(read(t, path))
	if match == nil {
		t.Fatalf("%s has no %s", path, pattern)
	}
	return match[1]
}

// TestVersions keeps the packages at one version: that of the Go module's next tag.
func TestVersions(t *testing.T) {
	const version = "0.1.0"
	for path, pattern := range map[string]string{
		"gen/python/pyproject.toml":   `(?m)^version = "(.*)"`,
		"gen/typescript/package.json": `"version": "(.*)"`,
		"gen/java/pom.xml":            `<artifactId>statusbridge</artifactId>\s*<version>(.*)</version>`,
	} {
		if got := find(t, path, pattern); got != version {
			t.Errorf("%s: version %s, want %s", path, got, version)
		}
	}
}

// TestLowerBounds holds the oldest runtime that a package accepts against the generator: generated code refuses one
// that is older than its protoc.
func TestLowerBounds(t *testing.T) {
	protoc := find(t, "Makefile", `(?m)^PROTOC_VERSION\s*:= (.*)`)
	for path, pattern := range map[string]string{
		"gen/python/pyproject.toml":                                           `"protobuf>=6\.([0-9.]*),`,
		"gen/python/generated/statusbridge/v1/statusbridge_pb2.py":            `Protobuf Python Version: 6\.(.*)`,
		"internal/languages/python/requirements-oldest.txt":                   `protobuf==6\.([0-9.]*)`,
		"gen/java/pom.xml":                                                    `<artifactId>protobuf-java</artifactId>\s*<version>4\.(.*)</version>`,
		"gen/java/generated/io/github/statusbridge/v1/StatusbridgeProto.java": `Protobuf Java Version: 4\.(.*)`,
	} {
		if got := find(t, path, pattern); got != protoc {
			t.Errorf("%s: protobuf %s, protoc is %s", path, got, protoc)
		}
	}
}

// TestOldestProtobufES has the suite of gen/typescript run with the oldest runtime that the package accepts, which is
// the version of the generator.
func TestOldestProtobufES(t *testing.T) {
	oldest := find(t, "gen/typescript/package.json", `"@bufbuild/protobuf": "\^(.*)"`)
	const suite = "internal/languages/typescript/package.json"
	for _, name := range []string{"protobuf", "protoc-gen-es"} {
		if got := find(t, suite, `"@bufbuild/`+name+`": "(.*)"`); got != oldest {
			t.Errorf("%s: %s %s, the package accepts %s", suite, name, got, oldest)
		}
	}
}

// TestLicenses keeps a copy of the license in every package.
func TestLicenses(t *testing.T) {
	license := read(t, "LICENSE")
	for _, language := range []string{"python", "typescript", "java"} {
		if read(t, "gen/"+language+"/LICENSE") != license {
			t.Errorf("gen/%s/LICENSE is not the LICENSE of the repository", language)
		}
	}
}
