package interop

import (
	"os"
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
	text := string(content)
	for part := range strings.SplitSeq(text, "<!-- begin interop file ") {
		name, rest, found := strings.Cut(part, " -->\n")
		if !found || strings.Contains(name, "\n") {
			continue // before the first block
		}
		block, _, _ := strings.Cut(rest, "<!-- end -->")
		want := "```\n" + string(render(t, name, examples())) + "```\n"
		shown[name] = true
		if *update {
			begin := "<!-- begin interop file " + name + " -->\n"
			text = strings.Replace(text, begin+block, begin+want, 1)
			continue
		}
		if difference := cmp.Diff(want, block); difference != "" {
			t.Errorf("%s, see -update (-file +page):\n%s", name, difference)
		}
	}
	if *update {
		write(t, page, []byte(text))
	}
	for _, c := range fronts {
		if !shown[c.config] && !strings.Contains(c.config, "default") {
			t.Errorf("the page does not show %s", c.config)
		}
	}
}
