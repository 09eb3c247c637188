package release

import (
	"archive/zip"
	"crypto/md5"  //nolint:gosec // Maven's checksums
	"crypto/sha1" //nolint:gosec // Maven's checksums
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
<groupId>g</groupId><artifactId>a</artifactId><version>1.0</version>
<name>a</name><description>d</description><url>u</url>
<licenses><license><name>l</name><url>u</url></license></licenses>
<developers><developer><name>n</name></developer></developers>
<scm><connection>c</connection><developerConnection>d</developerConnection><url>u</url></scm>
<dependencies><dependency><version>2</version></dependency></dependencies>
</project>`

// artifact writes a Maven artifact with checksums.
func artifact(t *testing.T, pom string) (directory string) {
	t.Helper()
	directory = t.TempDir()
	write := func(name string, content []byte) {
		file := filepath.Join(directory, name)
		for suffix, text := range map[string]string{
			"":      string(content),
			".md5":  fmt.Sprintf("%x", md5.Sum(content)),  //nolint:gosec // Maven's checksums
			".sha1": fmt.Sprintf("%x", sha1.Sum(content)), //nolint:gosec // Maven's checksums
		} {
			if err := os.WriteFile(file+suffix, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	write("a-1.0.pom", []byte(pom))
	for name, entry := range map[string]string{
		"a-1.0.jar": "A.class", "a-1.0-sources.jar": "A.java", "a-1.0-javadoc.jar": "index.html",
	} {
		var jar strings.Builder
		archive := zip.NewWriter(&jar)
		if _, err := archive.Create(entry); err != nil {
			t.Fatal(err)
		}
		if err := archive.Close(); err != nil {
			t.Fatal(err)
		}
		write(name, []byte(jar.String()))
	}
	return directory
}

// TestCheckMaven breaks one requirement of Maven Central at a time.
func TestCheckMaven(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		leaveOut(t, "there is no python3")
	}
	without := func(element string) string { return strings.ReplaceAll(pom, element, "") }
	for _, c := range []struct{ name, pom, removed, want string }{
		{"correct", pom, "", ""},
		{"no name", without("<name>a</name>"), "", "has no name"},
		{"no license", without("<license><name>l</name><url>u</url></license>"), "", "has no licenses/license/name"},
		{"no source control", without("<connection>c</connection>"), "", "has no scm/connection"},
		{"other version", strings.ReplaceAll(pom, "1.0", "1.1"), "", "has not the version 1.0"},
		{"snapshot", strings.ReplaceAll(pom, ">2<", ">2-SNAPSHOT<"), "", "depends on 2-SNAPSHOT"},
		{"no sources", pom, "a-1.0-sources.jar", "there is no a-1.0-sources.jar"},
		{"no javadoc", pom, "a-1.0-javadoc.jar", "there is no a-1.0-javadoc.jar"},
		{"no checksum", pom, "a-1.0.jar.sha1", "a-1.0.jar has no correct .sha1"},
		{"no artifact", pom, "a-1.0.pom", "there is no artifact"},
	} {
		t.Run(c.name, func(t *testing.T) {
			directory := artifact(t, c.pom)
			if c.removed != "" {
				if err := os.Remove(filepath.Join(directory, c.removed)); err != nil {
					t.Fatal(err)
				}
			}
			output, err := run(t, root, "python3", ".ci/check-maven", directory, "1.0")
			if (err == nil) != (c.want == "") || !strings.Contains(output, c.want) {
				t.Errorf("check-maven printed %q and returned %v, want %q", output, err, c.want)
			}
		})
	}
}
