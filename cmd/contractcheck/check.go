package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/statusbridge/statusbridge/contracttest"
)

// A checker sends requests to a server.
type checker struct {
	base    string
	header  http.Header
	timeout time.Duration
}

// ask sends a request and returns the violations in the response.
func (c *checker) ask(ctx context.Context, r request) (status int, violations []contracttest.Violation, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	sent, err := http.NewRequestWithContext(ctx, r.method, c.base+r.path, http.NoBody)
	if err != nil {
		return 0, nil, err
	}
	sent.Header = c.header.Clone()
	transport := contracttest.RoundTripper(nil, func(v contracttest.Violation) { violations = append(violations, v) })
	response, err := transport.RoundTrip(sent)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20)); err != nil {
		return 0, nil, err
	}
	for _, text := range compare(r, response) {
		violations = append(violations, contracttest.Violation{
			Rule: "openapi", Document: "the OpenAPI document", Text: text, Request: r.method + " " + r.path,
			Response: response.Status,
		})
	}
	return response.StatusCode, violations, nil
}

// optional reports whether Allow may list a method or not.
func optional(method string) bool { return method == http.MethodHead || method == http.MethodOptions }

// compare returns how a response differs from the document. A missing or wrong token is always possible.
func compare(r request, response *http.Response) []string {
	var differences []string
	switch status := response.StatusCode; {
	case status == http.StatusUnauthorized && r.want != 0:
	case r.want != 0 && status != r.want:
		differences = append(differences, fmt.Sprintf("the status is %d, not %d", status, r.want))
	case r.want == 0 && !documents(r.statuses, status):
		differences = append(differences, fmt.Sprintf("the operation does not document %d", status))
	}
	if response.StatusCode != http.StatusMethodNotAllowed || r.allow == nil {
		return differences
	}
	var allowed []string
	for method := range strings.SplitSeq(response.Header.Get("Allow"), ",") {
		if method = strings.TrimSpace(method); method != "" && !optional(method) {
			allowed = append(allowed, method)
		}
	}
	documented := slices.DeleteFunc(slices.Clone(r.allow), optional)
	slices.Sort(allowed)
	slices.Sort(documented)
	if !slices.Equal(allowed, documented) {
		differences = append(differences, fmt.Sprintf("Allow is %q, and the document has %s",
			response.Header.Get("Allow"), strings.Join(documented, ", ")))
	}
	return differences
}
