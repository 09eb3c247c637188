package readme

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// privateState matches ways to read what another package does not export.
var privateState = regexp.MustCompile(`"unsafe"|reflect\.NewAt|\.UnsafePointer\(|\.UnsafeAddr\(|\.FieldByName\(`)

// TestNoPrivateState fails if hand-written code of the root module could read a field that another package does not
// export. Exported fields of foreign errors are read in one file.
func TestNoPrivateState(t *testing.T) {
	const allowed = "mapping/foreign_error.go"
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && strings.HasPrefix(entry.Name(), ".") || name == "gen" {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ".go" || strings.Contains(name, ".pb.") || strings.HasSuffix(name, "_test.go") ||
			filepath.ToSlash(name) == allowed {
			return nil
		}
		code, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if found := privateState.Find(code); found != nil {
			t.Errorf("%s contains %s", name, found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
