package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// runTool runs a tool of the go command. A compiler that was run with the same sources before, and against imports that
// export the same, is not run again: what it made then is what it would make now. So a mutant within a function does not
// compile the tests anew that only call it. The linker refuses a package that was compiled against other exports. Of
// MUTANTS_PACKAGE, the mutated one, no two are the same.
func runTool(tool string, args []string) error {
	flags := flagsOf(args)
	if filepath.Base(tool) != "compile" || flags["-importcfg"] == "" || flags["-p"] == os.Getenv("MUTANTS_PACKAGE") {
		return command(tool, args...).Run()
	}
	key, err := inputHash(args, flags)
	if err != nil {
		return err
	}
	made := filepath.Join(filepath.Dir(os.Getenv("MUTANTS_SOURCE")), "compiled", key)
	if copyFile(made, flags["-o"]) == nil {
		return nil
	}
	if err := command(tool, args...).Run(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(made), 0o700); err != nil {
		return err
	}
	return copyFile(flags["-o"], made)
}

// flagsOf is the flags that have their value in the next argument.
func flagsOf(args []string) map[string]string {
	flags := map[string]string{}
	for i, arg := range args[:max(len(args)-1, 0)] {
		if strings.HasPrefix(arg, "-") {
			flags[arg] = args[i+1]
		}
	}
	return flags
}

// inputHash is of everything that the compiler reads: the directory, the flags but for those that name the work directory
// of this build, the sources, and of the imports what they export.
func inputHash(args []string, flags map[string]string) (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	inputs := []string{dir}
	work := filepath.Dir(filepath.Dir(flags["-o"]))
	for i, arg := range args {
		if i > 0 && args[i-1] == "-buildid" {
			continue
		}
		inputs = append(inputs, strings.ReplaceAll(arg, work, ""))
		if filepath.Ext(arg) == ".go" {
			source, err := os.ReadFile(arg)
			if err != nil {
				return "", err
			}
			inputs = append(inputs, hashOf(source))
		}
	}
	imports, err := os.ReadFile(flags["-importcfg"])
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(imports)) {
		path, archive, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "packagefile "), "=")
		if !strings.HasPrefix(path, module) {
			inputs = append(inputs, line) // of the build cache, where a name stands for what is in it
			continue
		}
		exports, err := exported(archive)
		if err != nil {
			return "", err
		}
		inputs = append(inputs, path, hashOf(exports))
	}
	return hashOf([]byte(strings.Join(inputs, "\n"))), nil
}

func hashOf(data []byte) string {
	hash := sha256.Sum256(data)
	return hex.EncodeToString(hash[:])
}

// exported is what a compiled package has for its importers: the first entry of the archive, behind a head that names the
// build.
func exported(archive string) ([]byte, error) {
	const signature, head = len("!<arch>\n"), 60
	data, err := os.ReadFile(archive)
	if err != nil {
		return nil, err
	}
	if len(data) < signature+head || !bytes.HasPrefix(data[signature:], []byte("__.PKGDEF")) {
		return nil, fmt.Errorf("%s does not begin with what it exports", archive)
	}
	size, err := strconv.Atoi(strings.TrimSpace(string(data[signature+48 : signature+58])))
	if err != nil {
		return nil, err
	}
	entry := data[signature+head:][:size]
	_, exports, ok := bytes.Cut(entry, []byte("\n$$B\n"))
	if !ok {
		return nil, fmt.Errorf("%s exports nothing in a known form", archive)
	}
	return exports, nil
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	// Another worker may be reading the file at the name, so it gets its name when it is whole.
	whole := fmt.Sprintf("%s.%d", to, os.Getpid())
	if err := os.WriteFile(whole, data, 0o600); err != nil {
		return err
	}
	return os.Rename(whole, to)
}
