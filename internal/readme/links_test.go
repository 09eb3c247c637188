package readme

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var (
	link    = regexp.MustCompile(`\]\(([^()\s]+)\)|(?:src|srcset|href)="([^"]+)"`)
	heading = regexp.MustCompile(`(?m)^#{1,6} (.*)$`)
	fenced  = regexp.MustCompile("(?s)```.*?```")
)

// TestLinks follows the links within the repository, to files and to headings.
func TestLinks(t *testing.T) {
	followed := 0
	for _, page := range pages(t, "*.md", "docs/*.md", "docs/*.svg", ".github/*.md", "example/*.md", "gen/*/*.md") {
		text := fenced.ReplaceAllString(string(source(t, page)), "")
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			target := match[1] + match[2]
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			followed++
			file, fragment, _ := strings.Cut(target, "#")
			to := page
			if file != "" {
				to = path.Join(path.Dir(page), file)
			}
			if _, err := os.Stat(filepath.Join(root, to)); err != nil {
				t.Errorf("%s: %s leads nowhere", page, target)
			} else if fragment != "" && !anchors(t, to)[fragment] {
				t.Errorf("%s: %s has no heading %q", page, to, fragment)
			}
		}
	}
	if followed < 10 {
		t.Errorf("found %d links", followed)
	}
}

// named matches the name of a page, as comments and log lines have it.
var named = regexp.MustCompile(`\b(?:docs|proto)/[\w./-]+\.(?:md|proto)\b`)

// TestNamedFiles expects that the pages and protos that Go code names exist.
func TestNamedFiles(t *testing.T) {
	found := 0
	for _, directory := range []string{
		"bench", "cmd", "connect", "contracttest", "example", "gateway", "internal", "mapping", "openapi/internal",
		"openapi/protoc-gen-statusbridge-openapi", "otel",
	} {
		err := filepath.WalkDir(filepath.Join(root, directory), func(path string, _ os.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" {
				return err
			}
			code, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, name := range named.FindAllString(string(code), -1) {
				found++
				if _, err := os.Stat(filepath.Join(root, name)); err != nil {
					t.Errorf("%s names %s, which does not exist", path, name)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 10 {
		t.Errorf("found %d names", found)
	}
}

// anchors returns the fragments of the headings of a file, as GitHub makes them: lower case, with hyphens for spaces,
// without punctuation.
func anchors(t *testing.T, page string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, match := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(string(source(t, page)), ""), -1) {
		found[strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, match[1])] = true
	}
	return found
}
