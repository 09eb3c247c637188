package release

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
)

const contract = "proto/statusbridge/v1/statusbridge.proto"

// extensionNumbers returns the numbers of the options in the generated code.
func extensionNumbers() map[int]bool {
	numbers := map[int]bool{}
	extensions := statusbridgev1.File_statusbridge_v1_statusbridge_proto.Extensions()
	for i := range extensions.Len() {
		numbers[int(extensions.Get(i).Number())] = true
	}
	return numbers
}

// TestExtensionNumbersInOnePlace expects no hand-written file but the proto to contain the number of an option.
func TestExtensionNumbersInOnePlace(t *testing.T) {
	var texts []string
	for number := range extensionNumbers() {
		texts = append(texts, strconv.Itoa(number))
	}
	number := regexp.MustCompile(`\b(` + strings.Join(texts, "|") + `)\b`)
	generated := regexp.MustCompile(`^gen/(go|[a-z]+/generated|typescript/(proto|dist|src/generated))/|` +
		`^openapi/internal/statusbridgev1/|(^|/)(go\.sum|package-lock\.json|Cargo\.lock)$`)
	for _, file := range tracked(t) {
		if file != contract && !generated.MatchString(file) && number.MatchString(read(t, file)) {
			t.Errorf("%s contains the number of an option; only %s may", file, contract)
		}
	}
	if !number.MatchString(read(t, contract)) {
		t.Errorf("%s does not have the numbers of the generated code", contract)
	}
}

// TestExtensionNumbersOfTheVersion expects numbers from the private range in version 0. Later versions need numbers
// from the global extension registry. docs/compatibility.md describes the change.
func TestExtensionNumbersOfTheVersion(t *testing.T) {
	version := regexp.MustCompile(`(?m)^version = "(\d+)\.`).FindStringSubmatch(read(t, "gen/python/pyproject.toml"))
	if version == nil {
		t.Fatal("pyproject.toml has no version")
	}
	for number := range extensionNumbers() {
		if private := 50000 <= number && number <= 99999; private != (version[1] == "0") {
			t.Errorf("version %s must not have an option with the number %d", version[1], number)
		}
	}
}
