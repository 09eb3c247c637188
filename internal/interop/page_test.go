package interop

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// examples are the values of the configurations in docs/proxies.md.
func examples() settings {
	return newSettings("0.0.0.0:80", "0.0.0.0:8081", "127.0.0.1:8080", "")
}

// TestPageConfigurations compares the configurations in docs/proxies.md with those that run.
func TestPageConfigurations(t *testing.T) {
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	begin := regexp.MustCompile(`<!-- begin interop file (\S+) -->`)
	for _, match := range begin.FindAllStringSubmatch(string(content), -1) {
		name := match[1]
		compareBlock(t, page, "file "+name, "```\n"+string(render(t, name, examples()))+"```\n")
		shown[name] = true
	}
	for _, c := range fronts {
		if !shown[c.config] && !strings.Contains(c.config, "default") {
			t.Errorf("the page does not show %s", c.config)
		}
	}
}

// update is set if the blocks of the pages are to be renewed.
var update = os.Getenv("UPDATE_GOLDEN") != ""

// compareBlock compares a block of a page with the content that it should have. UPDATE_GOLDEN=1 renews the block.
func compareBlock(t *testing.T, page, name, want string) {
	t.Helper()
	before, got, after := splitAtBlock(t, page, name)
	if update {
		write(t, page, []byte(before+want+after))
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s, block %s: run UPDATE_GOLDEN=1 make test-interop (-want +got):\n%s", page, name, diff)
	}
}

// splitAtBlock returns the content of a block of a page, and the texts before and after it.
func splitAtBlock(t *testing.T, page, name string) (before, content, after string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- begin interop "+name+" -->\n", "<!-- end -->"
	before, rest, found := strings.Cut(string(text), begin)
	content, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no block %q", page, name)
	}
	return before + begin, content, end + after
}
