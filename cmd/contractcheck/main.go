// Command contractcheck judges the responses of a running server by the rules of package contracttest that need only a
// response, and by the server's OpenAPI document.
//
// It sends requests that change nothing: GET and HEAD for each path of the document, a GET with a broken query, an
// unknown path, and the WebDAV method PROPFIND, which no path should have. It prints a table and exits with 1 if a
// response breaks a rule, and with 2 if it could not ask.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"text/tabwriter"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	broken, err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "contractcheck:", err)
		os.Exit(2)
	case broken > 0:
		os.Exit(1)
	}
}

// headers collects the values of -header.
type headers http.Header

func (h headers) String() string { return "" }

func (h headers) Set(text string) error {
	name, value, ok := strings.Cut(text, ":")
	if !ok {
		return fmt.Errorf("want a name and a value, as in \"Authorization: Bearer x\"")
	}
	http.Header(h).Add(strings.TrimSpace(name), strings.TrimSpace(value))
	return nil
}

// run sends all requests and returns the number of violations.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (broken int, err error) {
	flags := flag.NewFlagSet("contractcheck", flag.ContinueOnError)
	flags.SetOutput(stderr)
	base := flags.String("url", "", "base URL of the server, as in https://staging.example.com")
	file := flags.String("openapi", "", "file with the server's OpenAPI document (JSON)")
	timeout := flags.Duration("timeout", 10*time.Second, "how long to wait for each response")
	verbose := flags.Bool("v", false, "print each broken response")
	header := headers{}
	flags.Var(header, "header", "header of each request, as in \"Authorization: Bearer x\"; can be repeated")
	if err := flags.Parse(args); err != nil {
		return 0, err
	}
	if *base == "" || *file == "" || flags.NArg() > 0 {
		return 0, errors.New("-url and -openapi are required, and nothing else is expected")
	}
	document, err := readDocument(*file)
	if err != nil {
		return 0, err
	}
	c := &checker{base: strings.TrimSuffix(*base, "/"), header: http.Header(header), timeout: *timeout}
	table := tabwriter.NewWriter(stdout, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "REQUEST\tSTATUS\tRESULT")
	var exchanges strings.Builder
	requests := document.requests()
	for _, r := range requests {
		status, violations, err := c.ask(ctx, r)
		if err != nil {
			return broken, fmt.Errorf("%s %s: %w", r.method, r.path, err)
		}
		result := "ok"
		if len(violations) > 0 {
			var names []string
			for _, v := range violations {
				names = append(names, v.Rule+": "+v.Text)
				fmt.Fprintf(&exchanges, "\n%v\n", v)
			}
			result = strings.Join(names, "; ")
		}
		broken += len(violations)
		_, _ = fmt.Fprintf(table, "%s %s\t%d\t%s\n", r.method, r.path, status, result)
	}
	if err := table.Flush(); err != nil {
		return broken, err
	}
	if *verbose {
		_, _ = fmt.Fprint(stdout, exchanges.String())
	}
	_, err = fmt.Fprintf(stdout, "%d requests, %d violations\n", len(requests), broken)
	return broken, err
}
