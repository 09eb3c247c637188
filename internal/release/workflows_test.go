package release

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// read returns a file of the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// tracked returns the files that git tracks.
func tracked(t *testing.T, patterns ...string) []string {
	t.Helper()
	output, err := run(t, root, append([]string{"git", "ls-files", "--"}, patterns...)...)
	if err != nil {
		leaveOut(t, "there is no git repository")
	}
	return strings.Fields(output)
}

// workflows returns the workflows and the actions of this repository by file name.
func workflows(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, file := range tracked(t, ".github/workflows/*.yml", ".github/actions/*/action.yml") {
		files[file] = read(t, file)
	}
	return files
}

// ecosystems maps each package ecosystem of dependabot to a pattern for the files that it updates.
var ecosystems = map[string]*regexp.Regexp{
	"gomod":          regexp.MustCompile(`^go\.mod$`),
	"pip":            regexp.MustCompile(`^(pyproject\.toml|requirements.*\.(in|txt))$`),
	"npm":            regexp.MustCompile(`^package\.json$`),
	"maven":          regexp.MustCompile(`^pom\.xml$`),
	"cargo":          regexp.MustCompile(`^Cargo\.toml$`),
	"devcontainers":  regexp.MustCompile(`^devcontainer\.json$`),
	"github-actions": regexp.MustCompile(`^(action|ci)\.yml$`), // of workflows, the first is enough
}

// parent returns the directory that dependabot.yml names for a file.
func parent(file string) string {
	switch directory := path.Dir(file); directory {
	case ".devcontainer", ".github/workflows":
		return "/" // dependabot finds these from the root
	default:
		return path.Join("/", directory)
	}
}

// TestDependabot compares the directories of dependabot.yml with the files that git tracks.
func TestDependabot(t *testing.T) {
	got := map[string][]string{}
	for _, update := range strings.Split(read(t, ".github/dependabot.yml"), "package-ecosystem: ")[1:] {
		ecosystem, rest, _ := strings.Cut(update, "\n")
		for _, directory := range regexp.MustCompile(`(?m)^ +- (/\S*)$`).FindAllStringSubmatch(rest, -1) {
			got[ecosystem] = append(got[ecosystem], directory[1])
		}
	}
	want := map[string][]string{}
	for _, file := range tracked(t) {
		if strings.Contains(file, "/dist/") {
			continue // generated
		}
		for ecosystem, name := range ecosystems {
			directory := parent(file)
			if name.MatchString(path.Base(file)) && !slices.Contains(want[ecosystem], directory) {
				want[ecosystem] = append(want[ecosystem], directory)
			}
		}
	}
	for _, directories := range want {
		slices.Sort(directories)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("dependabot.yml does not list the tracked directories in alphabetical order (-want +got):\n%s", diff)
	}
}

// TestPinnedActions expects the digest of a commit for each action, with its version as a comment.
func TestPinnedActions(t *testing.T) {
	uses := regexp.MustCompile(`(?m)uses: (\S+)(.*)$`)
	pinned := regexp.MustCompile(`^([\w./-]+)@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	digests := map[string]string{}
	for file, content := range workflows(t) {
		for _, action := range uses.FindAllStringSubmatch(content, -1) {
			if strings.HasPrefix(action[1], "./") {
				continue
			}
			whole := action[1] + action[2]
			match := pinned.FindStringSubmatch(whole)
			if match == nil {
				t.Errorf("%s: %q has no digest with its version", file, whole)
				continue
			}
			if other, ok := digests[match[1]]; ok && other != whole {
				t.Errorf("%s: %q is %q elsewhere", file, whole, other)
			}
			digests[match[1]] = whole
		}
	}
}

// TestMakeTargets expects the targets and the suites of the workflows to be in the Makefile, and each suite to run in a
// job.
func TestMakeTargets(t *testing.T) {
	makefile := read(t, "Makefile")
	suites := strings.Fields(regexp.MustCompile(`(?m)^SUITES := (.*)$`).FindStringSubmatch(makefile)[1])
	inJob := map[string]bool{}
	matrix := regexp.MustCompile(`(?m)^ +suites: \[(.*)\]$`)
	variable := regexp.MustCompile(`\b[A-Z]+=("[^"]*"|\S*)`)
	command := regexp.MustCompile(`(?m)(?:run: | {10})make (.*)$`)
	for file, content := range workflows(t) {
		for _, match := range matrix.FindAllStringSubmatch(content, -1) {
			for _, suite := range strings.Fields(strings.ReplaceAll(match[1], ",", " ")) {
				inJob[suite] = true
				if !slices.Contains(suites, suite) {
					t.Errorf("%s runs the suite %s, which is not in SUITES", file, suite)
				}
			}
		}
		for _, match := range command.FindAllStringSubmatch(content, -1) {
			for _, word := range strings.Fields(variable.ReplaceAllString(match[1], "")) {
				inJob[strings.TrimPrefix(word, "test-")] = true
				if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(word) + `:`).MatchString(makefile) {
					t.Errorf("%s makes %s, which is no target", file, word)
				}
			}
		}
	}
	for _, suite := range suites {
		if !inJob[suite] {
			t.Errorf("the suite %s runs in no job", suite)
		}
	}
}

// TestJobs expects a job for each kind of check.
func TestJobs(t *testing.T) {
	for file, jobs := range map[string][]string{
		"ci.yml":      {"lint", "go", "suites", "languages", "proxies", "fuzz"},
		"nightly.yml": {"soak", "mutation", "fuzz", "coverage"},
		"release.yml": {"publish"},
	} {
		_, content, _ := strings.Cut(read(t, ".github/workflows/"+file), "\njobs:\n")
		var got []string
		for _, job := range regexp.MustCompile(`(?m)^  (\w+):$`).FindAllStringSubmatch(content, -1) {
			got = append(got, job[1])
		}
		if diff := cmp.Diff(jobs, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}
