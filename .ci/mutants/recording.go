package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A recording says what each test of a package's holders reaches of the package, run alone.
type recording struct {
	Blocks []block
	Tests  []test
}

// A block is a run of statements, as the coverage tool cuts them.
type block struct {
	File                                       string // below the module
	StartLine, StartColumn, EndLine, EndColumn int
}

// holds says whether a place in the block's file is within it.
func (b block) holds(line, column int) bool {
	return (line > b.StartLine || line == b.StartLine && column >= b.StartColumn) &&
		(line < b.EndLine || line == b.EndLine && column <= b.EndColumn)
}

// A test is a function that go test runs.
type test struct {
	Package string // below the module
	Name    string
	Took    time.Duration
	Reaches map[int]bool // by the index of the block
}

// answerCoverage makes the recording, unless there is one of this very tree, and answers gremlins that each line of the
// package is covered: what to make of a line that no test reaches is then decided where it is mutated, and lines that
// the coverage tool does not count, such as the condition of a case, get their mutants too.
func answerCoverage(of, profile string) error {
	if _, err := recordingOf(of); err != nil {
		return err
	}
	var lines strings.Builder
	fmt.Fprintln(&lines, "mode: set")
	files, err := filepath.Glob(filepath.Join(of, "*.go"))
	for _, file := range files {
		fmt.Fprintf(&lines, "%s/%s:1.1,1000000.1 1 1\n", module, filepath.ToSlash(file))
	}
	if err != nil {
		return err
	}
	return os.WriteFile(profile, []byte(lines.String()), 0o600)
}

// recordingOf is the kept recording, or a new one.
func recordingOf(of string) (*recording, error) {
	source := os.Getenv("MUTANTS_SOURCE")
	hash, err := treeHash(source)
	if err != nil {
		return nil, err
	}
	kept := filepath.Join(os.Getenv("MUTANTS_KEPT"), strings.ReplaceAll(of, "/", "-")+"-"+hash+".json")
	r := new(recording)
	if data, err := os.ReadFile(kept); err == nil {
		return r, json.Unmarshal(data, r)
	}
	indexes := map[block]int{}
	for _, holder := range holders(of) {
		if err := r.record(source, of, holder, indexes); err != nil {
			return nil, err
		}
	}
	data, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return r, os.WriteFile(kept, data, 0o600)
}

// treeHash is of all Go code, and what it depends on.
func treeHash(root string) (string, error) {
	var files strings.Builder
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" && filepath.Base(path) != "go.mod" {
			return err
		}
		data, err := os.ReadFile(path)
		files.WriteString(strings.TrimPrefix(path, root) + " " + hashOf(data) + "\n")
		return err
	})
	return hashOf([]byte(files.String()))[:16], err
}

// record runs each test of the holder alone, and fails where one fails.
func (r *recording) record(source, of, holder string, indexes map[block]int) error {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary, profile := filepath.Join(dir, "test"), filepath.Join(dir, "profile")
	build := command(os.Getenv("MUTANTS_GO"), "test", "-c", "-vet=off", "-coverpkg=./"+of, "-o", binary, "./"+holder)
	build.Dir = source
	if err := build.Run(); err != nil {
		return err
	}
	list := exec.Command(binary, "-test.list", "^(Test|Fuzz|Example)")
	list.Dir = filepath.Join(source, holder)
	names, err := list.Output()
	if err != nil {
		return err
	}
	for name := range strings.FieldsSeq(string(names)) {
		run := exec.Command(binary, "-test.run", "^"+name+"$", "-test.coverprofile", profile)
		run.Dir = list.Dir
		start := time.Now()
		if out, err := run.CombinedOutput(); err != nil {
			return fmt.Errorf("%s without a mutant: %w\n%s", name, err, out)
		}
		t := test{Package: holder, Name: name, Took: time.Since(start), Reaches: map[int]bool{}}
		if err := r.read(profile, indexes, t.Reaches); err != nil {
			return err
		}
		r.Tests = append(r.Tests, t)
	}
	return nil
}

// read adds the blocks of a profile to those known, and those that were run to reached.
func (r *recording) read(profile string, indexes map[block]int, reached map[int]bool) error {
	data, err := os.ReadFile(profile)
	if err != nil {
		return err
	}
	_, lines, _ := strings.Cut(string(data), "\n") // the first says the mode
	for line := range strings.Lines(lines) {
		name, place, _ := strings.Cut(strings.TrimPrefix(line, module+"/"), ":")
		b, statements, count := block{File: name}, 0, 0
		if _, err := fmt.Sscanf(place, "%d.%d,%d.%d %d %d",
			&b.StartLine, &b.StartColumn, &b.EndLine, &b.EndColumn, &statements, &count); err != nil {
			return fmt.Errorf("%s: %w", line, err)
		}
		index, known := indexes[b]
		if !known {
			index = len(r.Blocks)
			indexes[b] = index
			r.Blocks = append(r.Blocks, b)
		}
		if count > 0 {
			reached[index] = true
		}
	}
	return nil
}
