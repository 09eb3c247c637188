package contracttest_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/contracttest"
)

const page = "../docs/contracttest.md"

// quoted lists the rules whose violations docs/contracttest.md shows.
var quoted = []string{"documented-status", "wrong-method", "server-text", "late-error", "bad-gateway"}

// TestPage compares docs/contracttest.md with the rules, and with the report on grpc-gateway without this library.
func TestPage(t *testing.T) {
	skipUnderRace(t)
	l := &log{TB: t}
	contracttest.Run(l, func(conn *grpc.ClientConn) http.Handler {
		mux := runtime.NewServeMux()
		register(t, mux, conn)
		return mux
	})
	if !l.failed {
		t.Fatal("grpc-gateway without this library keeps the contract")
	}
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	text := between(t, string(content), "report", "```text\n"+shorten(l.text)+"```\n")
	text = between(t, text, "rules", "| rule | what it asks | document |\n|---|---|---|\n"+contracttest.RuleTable())
	if text == string(content) {
		return
	}
	if os.Getenv("UPDATE_GOLDEN") == "" {
		t.Fatalf("%s differs; UPDATE_GOLDEN=1 renews it. The report is now\n%s", page, shorten(l.text))
	}
	if err := os.WriteFile(page, []byte(text), 0o644); err != nil { //nolint:gosec // a page of the documentation
		t.Fatal(err)
	}
}

// between replaces the text between two markers.
func between(t *testing.T, text, name, with string) string {
	t.Helper()
	begin, end := "<!-- begin contracttest "+name+" -->\n", "<!-- end -->"
	before, rest, ok := strings.Cut(text, begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no %q", page, begin)
	}
	return before + begin + with + end + after
}

var lengthLine = regexp.MustCompile(`(?m)^ +< Content-Length: \d+\n`)

// shorten keeps the first violation of the quoted rules. It removes the counts, which differ between runs by a few, and
// the spaces that protojson adds in some builds, with the Content-Length that counts them.
func shorten(report string) string {
	var b strings.Builder
	for _, rule := range quoted {
		_, part, ok := strings.Cut(report, "\n"+rule+": ")
		if !ok {
			continue
		}
		part, _, _ = strings.Cut(rule+": "+part, "\n\n  ")
		whole, _, _ := strings.Cut(report[strings.Index(report, "\n"+rule+": ")+1+len(part):], "\n\n  and ")
		first := strings.Split(whole, "\n\n")
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		b.WriteString(part + "\n\n")
		line, exchange, _ := strings.Cut(first[1], "\n")
		_, what, _ := strings.Cut(line, " times: ")
		b.WriteString("  " + what + "\n" + exchange + "\n")
	}
	return lengthLine.ReplaceAllString(strings.ReplaceAll(b.String(), `, "`, `,"`), "")
}
