package contracttest

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// A call is one request.
type call struct {
	route  *route
	method string
	path   string
	body   string
	header http.Header
	note   string // more about the request, for reports
	close  bool   // the request has Connection: close
}

// A result is the response to a call as the client and as the handler see it.
type result struct {
	exchange
	served  served
	sent    bool  // a response arrived
	bodyErr error // the error at the end of the body, nil if the body is complete
	late    bool  // the response did not arrive in time
}

// send sends a request and applies the rules that hold for each response. If the route was late too often, send returns
// a result without a response.
func (r *run) send(client *http.Transport, c call) *result {
	x := &result{exchange: exchange{config: r.config, note: c.note, backend: r.backend.current.Load().name}}
	ctx, cancel := context.WithTimeout(context.Background(), r.config.patience)
	defer cancel()
	request, err := r.newRequest(ctx, c)
	if err != nil {
		x.breaks(ruleComplete, "the request cannot be made: %v", plainError(err))
		return x
	}
	x.request = request
	if r.slow[c.route] >= tolerated {
		return x
	}
	select {
	case <-r.done: // the handler's response to an earlier request that was given up
	default:
	}
	response, err := client.RoundTrip(request)
	if err != nil {
		x.lost(ctx, r, c, err)
		return x
	}
	defer response.Body.Close()
	x.sent = true
	x.body, x.bodyErr = io.ReadAll(io.LimitReader(response.Body, bodyLimit))
	x.status, x.header, x.trailer, x.proto = response.StatusCode, response.Header, response.Trailer, response.Proto
	x.whole = x.bodyErr == nil
	x.waitForHandler(ctx, r)
	if ctx.Err() != nil {
		x.giveUp(r, c, "the response does not end within %v")
		return x
	}
	x.checkResponse()
	return x
}

// newRequest makes the request of a call, and lets the functions of WithRequest change it.
func (r *run) newRequest(ctx context.Context, c call) (*http.Request, error) {
	var body io.Reader = http.NoBody
	if c.body != "" {
		body = strings.NewReader(c.body)
	}
	request, err := http.NewRequestWithContext(ctx, c.method, r.server.URL+c.path, body)
	if err != nil {
		return nil, err
	}
	if c.body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, values := range c.header {
		request.Header[name] = slices.Clone(values)
	}
	request.Close = c.close
	for _, prepare := range r.config.prepare {
		prepare(request)
	}
	return request, nil
}

// waitForHandler waits until the handler returns or ctx ends, and judges the response that the handler wrote.
func (x *result) waitForHandler(ctx context.Context, r *run) {
	select {
	case x.served = <-r.done:
		raw := x.served.exchange(r.config, x.request, x.served.aborted)
		raw.backend, raw.note = x.backend, x.note
		raw.checkRaw()
		x.violations = append(x.violations, raw.violations...)
	case <-ctx.Done():
	}
}

// lost notes a request that got no response.
func (x *result) lost(ctx context.Context, r *run, c call, err error) {
	if ctx.Err() != nil {
		x.giveUp(r, c, "no response after %v")
		return
	}
	x.waitForHandler(ctx, r)
	switch {
	case x.broken(ruleHeaderSyntax): // the client refuses such a response
	case c.close:
		x.breaks(ruleEarlyError, "the response cannot be read: %v", plainError(err))
	default:
		x.breaks(ruleComplete, "the response cannot be read: %v", plainError(err))
	}
}

// varying matches the parts of an error's text that differ between requests: an address with the text before it, and
// the number of an HTTP/2 stream.
var varying = regexp.MustCompile(`^.*(127\.0\.0\.1|\[::1\]):\d+\S*: |stream ID \d+; `)

// plainError returns the text of an error such that equal errors have equal texts.
func plainError(err error) string { return varying.ReplaceAllString(err.Error(), "") }

// tolerated is the number of late responses after which a route is not asked any more.
const tolerated = 3

// giveUp notes a response that did not arrive in time.
func (x *result) giveUp(r *run, c call, format string) {
	x.late = true
	r.slow[c.route]++
	x.breaks(ruleComplete, format, r.config.patience)
}
