package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// What gremlins tells apart, by the exit status: a mutant that does not compile, which go test does not tell from a test
// that fails, and one that is killed.
var (
	errKilled    = errors.New("killed")
	errNotViable = errors.New("not viable")
)

// A mutant is one token that is another.
type mutant struct {
	File         string // below the module
	Line, Column int    // in the file without the mutant
	Was, Is      string
}

// judge runs the tests that reach a mutant of the package, and writes to the log what came of it.
func judge(of string) error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	root := strings.TrimSuffix(dir, "/"+of)
	m, err := findMutant(os.Getenv("MUTANTS_SOURCE"), root, of)
	if err != nil {
		return err
	}
	r, err := recordingOf(of)
	if err != nil {
		return err
	}
	start := time.Now()
	verdict, by, err := m.try(root, of, r)
	if err == nil || errors.Is(err, errKilled) || errors.Is(err, errNotViable) {
		if err := log(m, verdict, by, time.Since(start)); err != nil {
			return err
		}
	}
	return err
}

// log writes a line for a mutant: the place, the tokens, the verdict, the seconds it took, and what killed it or why it does
// not compile.
func log(m mutant, verdict, by string, took time.Duration) error {
	file, err := os.OpenFile(os.Getenv("MUTANTS_LOG"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(file, "%s:%d:%d\t%s\t%s\t%s\t%.1f\t%s\n", m.File, m.Line, m.Column, m.Was, m.Is, verdict, took.Seconds(), by)
	return errors.Join(err, file.Close())
}

// findMutant is the first token of the package that differs.
func findMutant(source, root, of string) (mutant, error) {
	files, err := filepath.Glob(filepath.Join(root, of, "*.go"))
	if err != nil {
		return mutant{}, err
	}
	for _, file := range files {
		name := of + "/" + filepath.Base(file)
		is, err := os.ReadFile(file)
		if err != nil {
			return mutant{}, err
		}
		was, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			return mutant{}, err
		}
		if bytes.Equal(was, is) {
			continue
		}
		wasTokens, isTokens := tokens(was), tokens(is)
		for i := range min(len(wasTokens), len(isTokens)) {
			if w, i := wasTokens[i], isTokens[i]; w.token != i.token || w.text != i.text {
				return mutant{name, w.Line, w.Column, w.token.String(), i.token.String()}, nil
			}
		}
	}
	return mutant{}, fmt.Errorf("no mutant in %s", of)
}

// A placed is a token and where it is.
type placed struct {
	token token.Token
	text  string
	token.Position
}

// tokens are those of a file but for the semicolons, which gofmt moves, and the parentheses, which another operator needs.
func tokens(source []byte) []placed {
	set := token.NewFileSet()
	file := set.AddFile("", -1, len(source))
	var s scanner.Scanner
	s.Init(file, source, nil, 0)
	var all []placed
	for {
		switch pos, tok, text := s.Scan(); tok {
		case token.EOF:
			return all
		case token.SEMICOLON, token.LPAREN, token.RPAREN:
		default:
			all = append(all, placed{tok, text, set.Position(pos)})
		}
	}
}

// try runs the tests, those that take the least time first.
func (m mutant) try(root, of string, r *recording) (verdict, by string, err error) {
	tests, err := m.reachedBy(r)
	if err != nil {
		return "", "", err
	}
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		return "", "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, holder := range holders(of) {
		binary, held := filepath.Join(dir, filepath.Base(holder)), testsIn(holder, tests)
		if len(held) == 0 && holder != of {
			continue
		}
		if err := build(root, of, holder, binary); err != nil {
			return "not viable", complaint.FindString(err.Error()), errNotViable
		}
		for _, group := range groups(held, m.killers()) {
			if by := run(root, binary, group); strings.Contains(by, "timed out") {
				return "timed out", by, errKilled
			} else if by != "" {
				return "killed", by, errKilled
			}
		}
	}
	if len(tests) == 0 {
		return "not covered", "", nil
	}
	return "lived", "", nil
}

func testsIn(holder string, tests []test) []test {
	return slices.DeleteFunc(slices.Clone(tests), func(t test) bool { return t.Package != holder })
}

// reachedBy is the tests that reach the mutated place. The coverage tool has no block for the condition of a case and
// what follows a function literal in its statement: there it is the tests that reach the function, and outside of
// functions it is all.
func (m mutant) reachedBy(r *recording) ([]test, error) {
	within := func(b block) bool { return b.File == m.File && b.holds(m.Line, m.Column) }
	if !slices.ContainsFunc(r.Blocks, within) {
		function, err := m.function()
		if err != nil {
			return nil, err
		}
		if function == (block{}) {
			return r.Tests, nil
		}
		within = func(b block) bool { return b.File == m.File && function.holds(b.StartLine, b.StartColumn) }
	}
	var reaching []test
	for _, t := range r.Tests {
		for i, b := range r.Blocks {
			if within(b) && t.Reaches[i] {
				reaching = append(reaching, t)
				break
			}
		}
	}
	return reaching, nil
}

// function is where the function is declared that the mutated place is in, nowhere if it is in none.
func (m mutant) function() (block, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, filepath.Join(os.Getenv("MUTANTS_SOURCE"), m.File), nil, 0)
	if err != nil {
		return block{}, err
	}
	for _, declared := range file.Decls {
		if _, ok := declared.(*ast.FuncDecl); ok {
			start, end := set.Position(declared.Pos()), set.Position(declared.End())
			if b := (block{m.File, start.Line, start.Column, end.Line, end.Column}); b.holds(m.Line, m.Column) {
				return b, nil
			}
		}
	}
	return block{}, nil
}

// complaint is what the compiler says first. Where it says nothing, the mutant is not to blame.
var complaint = regexp.MustCompile(`\S+\.go:\d+:.*`)

// build makes the test binary of a holder, compiling the mutated package and what that changes.
func build(root, of, holder, binary string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(os.Getenv("MUTANTS_GO"), "test", "-c", "-vet=off", "-ldflags=-s -w",
		"-toolexec", self+" "+compileOnce, "-o", binary, "./"+holder)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOGC=off", "MUTANTS_PACKAGE="+module+"/"+of)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

// killers counts which tests have killed mutants of the same file, by the log.
func (m mutant) killers() map[string]int {
	killed := map[string]int{}
	data, _ := os.ReadFile(os.Getenv("MUTANTS_LOG")) // before the first mutant there is none
	for line := range strings.Lines(string(data)) {
		if _, by, ok := strings.Cut(line, "--- FAIL: "); ok && strings.HasPrefix(line, m.File+":") {
			killed[strings.TrimSpace(by)]++
		}
	}
	return killed
}

// groups are the tests in the order of the time they take, where one that has killed much counts for quick, cut into runs
// of one binary each: a start costs as much as many quick tests, and a slow one is to be left out where a quick one kills.
func groups(tests []test, killed map[string]int) [][]test {
	cost := func(t test) time.Duration { return t.Took / time.Duration(1+killed[t.Name]) }
	tests = slices.SortedStableFunc(slices.Values(tests), func(a, b test) int { return cmp.Compare(cost(a), cost(b)) })
	limits := []time.Duration{time.Second / 2, 3 * time.Second, 15 * time.Second}
	var all [][]test
	var sum time.Duration
	for _, t := range tests {
		full := len(all) > 0 && len(limits) > 0 && sum+t.Took > limits[0]
		if full {
			limits, sum = limits[1:], 0
		}
		if full || len(all) == 0 {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], t)
		sum += t.Took
	}
	return all
}

var failure = regexp.MustCompile(`(?m)^ *--- FAIL: \S+|^panic: .*|^fatal error: .*`)

// run is what fails of a group, nothing if all pass. A mutant that makes it take eight times the time, and five seconds, is
// a loop without an end, or waits for what does not come.
func run(root, binary string, group []test) string {
	names := make([]string, len(group))
	timeout := 5 * time.Second
	for i, t := range group {
		names[i] = t.Name
		timeout += 8 * t.Took
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout+5*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "-test.failfast", "-test.timeout", timeout.String(),
		"-test.run", "^("+strings.Join(names, "|")+")$")
	cmd.Dir = filepath.Join(root, group[0].Package)
	// A test that dies leaves the processes that it started: they end with its group, and do not keep its output open.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	switch {
	case err == nil:
		return ""
	case ctx.Err() != nil:
		return group[0].Package + ": timed out and would not end"
	}
	by := strings.TrimSpace(string(failure.Find(out)))
	if by == "" {
		by = err.Error()
	}
	if bytes.Contains(out, []byte("panic: test timed out")) {
		by = "timed out: " + by
	}
	return group[0].Package + ": " + by
}
