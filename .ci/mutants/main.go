// Command go stands before the go command in a mutation run and answers what gremlins asks of it, faster than go test can:
//
//   - for the coverage it records which test reaches which lines, and how long it takes (recording.go);
//   - for a mutant it builds the tests, compiling again only what the mutant changes (compile.go), and runs those that
//     reach the mutated line, the quickest first (mutant.go).
//
// Everything else is passed to the go command of MUTANTS_GO. MUTANTS_SOURCE is the tree without a mutant, MUTANTS_KEPT
// where recordings are kept from one run to the next, MUTANTS_LOG where the verdict on each mutant is written.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

const module = "github.com/statusbridge/statusbridge"

// compileOnce is the argument under which the go command runs this one in the compiler's place.
const compileOnce = "compile-once"

func main() {
	args := os.Args[1:]
	if len(args) == 0 {
		args = []string{"help"}
	}
	last := args[len(args)-1]
	profile := slices.Index(args, "-coverprofile")
	var err error
	switch {
	case args[0] == compileOnce:
		err = runTool(args[1], args[2:])
	case profile >= 0:
		err = answerCoverage(strings.TrimSuffix(strings.TrimPrefix(last, "./"), "/..."), args[profile+1])
	case slices.Contains(args, "-failfast"):
		err = judge(strings.TrimPrefix(last, module+"/"))
	default:
		err = command(os.Getenv("MUTANTS_GO"), args...).Run()
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		os.Exit(exit.ExitCode())
	}
	switch {
	case errors.Is(err, errKilled):
		os.Exit(1)
	case errors.Is(err, errNotViable):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}

// command is a command that says what it says to whoever runs this one.
func command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd
}

// holders are the packages whose tests hold a package: its own, and for one without much of a life of its own those that
// stand on it.
func holders(of string) []string {
	if of == "internal/contract" {
		return []string{of, "mapping", "gateway"}
	}
	return []string{of}
}
