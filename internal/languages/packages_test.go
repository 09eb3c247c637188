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

// TestVersions keeps all packages at the version of the Go module's next tag.
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

// TestLowerBounds compares the oldest runtime that a package accepts with the generator. Generated code refuses a
// runtime that is older than its protoc.
func TestLowerBounds(t *testing.T) {
	protoc := find(t, "Makefile", `(?m)^PROTOC_VERSION\s*:= (.*)`)
	for _, lowerBound := range [][2]string{
		{"gen/python/pyproject.toml", `"protobuf>=6\.([0-9.]*),`},
		{"gen/python/generated/statusbridge/v1/statusbridge_pb2.py", `Protobuf Python Version: 6\.(.*)`},
		{"internal/languages/python/requirements-oldest.txt", `protobuf==6\.([0-9.]*)`},
		{"gen/java/pom.xml", `<artifactId>protobuf-java</artifactId>\s*<version>4\.(.*)</version>`},
		{"gen/java/generated/io/github/statusbridge/v1/StatusbridgeProto.java", `Protobuf Java Version: 4\.(.*)`},
	} {
		path, pattern := lowerBound[0], lowerBound[1]
		if got := find(t, path, pattern); got != protoc {
			t.Errorf("%s: protobuf %s, protoc is %s", path, got, protoc)
		}
	}
}

// TestOldestDependencies makes the suites use the oldest versions that the packages accept, and protoc-gen-es of the
// same version as its runtime.
func TestOldestDependencies(t *testing.T) {
	const npm = "internal/languages/typescript/package.json"
	const python = "internal/languages/python/requirements-oldest.txt"
	for _, name := range []string{"@bufbuild/protobuf", "@grpc/grpc-js", "@connectrpc/connect"} {
		oldest := find(t, "gen/typescript/package.json", `"`+name+`": "\^(.*)"`)
		if got := find(t, npm, `"`+name+`": "(.*)"`); got != oldest {
			t.Errorf("%s: %s %s, the package accepts %s", npm, name, got, oldest)
		}
	}
	runtime := find(t, npm, `"@bufbuild/protobuf": "(.*)"`)
	if got := find(t, npm, `"@bufbuild/protoc-gen-es": "(.*)"`); got != runtime {
		t.Errorf("%s: protoc-gen-es is %s, its runtime %s", npm, got, runtime)
	}
	for _, name := range []string{"grpcio", "grpcio-status", "googleapis-common-protos"} {
		oldest := find(t, "gen/python/pyproject.toml", `"`+name+`>=(.*)"`)
		if got := find(t, python, `(?m)^`+name+`==(.*)\.0 `); got != oldest {
			t.Errorf("%s: %s %s, the package accepts %s", python, name, got, oldest)
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
