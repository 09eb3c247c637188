// Command report writes the results of the benchmarks of this module to the tables of BENCHMARKS.md and to its picture.
//
// It fills the blocks of the document between `<!-- begin name -->` and `<!-- end -->`: machine, summary, summary-full,
// p99, and one for each benchmark, named after it. It fails unless each benchmark has a block and each block has a
// benchmark.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
)

func main() {
	in := flag.String("in", "bench.txt", "the results of `make bench`, in Go's benchmark format")
	doc := flag.String("doc", "BENCHMARKS.md", "the document whose blocks are written")
	svg := flag.String("svg", "benchmarks.svg", "the picture that is written")
	flag.Parse()
	if err := report(*in, *doc, *svg); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

func report(in, doc, svg string) error {
	measured, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	r, err := read(bytes.NewReader(measured), in)
	if err != nil {
		return err
	}
	written, err := os.ReadFile(doc)
	if err != nil {
		return err
	}
	filled, err := fill(string(written), r)
	if err != nil {
		return fmt.Errorf("%s: %w", doc, err)
	}
	if err := os.WriteFile(doc, []byte(filled), 0o644); err != nil {
		return err
	}
	return os.WriteFile(svg, []byte(chart(r)), 0o644)
}

var block = regexp.MustCompile(`(?s)<!-- begin (\S+) -->\n.*?<!-- end -->`)

// fill writes the blocks of a document.
func fill(document string, r *results) (string, error) {
	filled := map[string]bool{}
	var missing []string
	document = block.ReplaceAllStringFunc(document, func(old string) string {
		name := block.FindStringSubmatch(old)[1]
		content := ""
		switch {
		case name == "machine":
			content = machine(r)
		case name == "summary" && len(r.of(inProcess)) > 0:
			content = summary(r, subject)
		case name == "summary-full" && len(r.of(inProcess)) > 0:
			content = summary(r, full)
		case name == "p99" && len(r.of(overTCP)) > 0:
			content = p99(r)
		case len(r.of(name)) > 0:
			content = table(name, r.of(name))
		default:
			missing = append(missing, name)
			return old
		}
		filled[name] = true
		return "<!-- begin " + name + " -->\n" + content + "<!-- end -->"
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("nothing was measured for %s", strings.Join(missing, ", "))
	}
	for _, name := range r.benchmarks() {
		if !filled[name] {
			return "", fmt.Errorf("it has no block for %s, which was measured", name)
		}
	}
	return document, nil
}
