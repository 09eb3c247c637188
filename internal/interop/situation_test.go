package interop

import "testing"

// The outcomes of a situation.
const (
	asSent    = "as sent"
	atOnce    = "at once"
	heldBack  = "held back"
	broken    = "broken"
	complete  = "looks complete"
	htmlAdded = "HTML is appended"
	kept      = "kept"
	oneEach   = "one each"
	someLost  = "some are lost"
	lost      = "lost"
	mayBeLost = "may be lost"
	asked     = "asked again"
	cached    = "from the cache"
)

// situation is one way to use a gateway through a proxy. right is the outcome that a client needs.
type situation struct {
	name  string
	right string
	run   func(f *front, t *testing.T) string
}

var situations = []situation{
	{"the fourteen statuses", asSent, (*front).statuses},
	{"HEAD", asSent, (*front).heads},
	{"`%2F` in a path", asSent, (*front).escaped},
	{"400, 404 or 405 to a body of 20 KB that was not read", asSent, unread(20 << 10)},
	{"the same, 200 KB", asSent, unread(200 << 10)},
	{"the same, 1 MB", asSent, unread(1000 << 10)},
	{"a message of a stream", atOnce, (*front).streams},
	{"the same, if the client accepts gzip", atOnce, (*front).streamsGzip},
	{"a stream that fails later", "ends in an error", (*front).lateError},
	{"a download of 1 MB", asSent, (*front).download},
	{"a download that fails after 128 KB", broken, aborted(2, false)},
	{"the same, after 4 MB", broken, aborted(64, false)},
	{"the same, HTTP/2", broken, aborted(64, true)},
	{"connections to the gateway", kept, (*front).keepAlive},
	{"a 404 that is asked for twice", asked, (*front).caching},
}

// limit lists the outcomes of a situation that no gateway can cure. docs/proxies.md explains them and shows the
// summary.
type limit struct {
	summary  string
	outcomes []string
}

var limits = map[string]map[string]limit{
	"nginx-default.conf": {
		"a message of a stream":                {heldBack, []string{heldBack}},
		"the same, if the client accepts gzip": {heldBack, []string{heldBack}},
		"connections to the gateway":           {oneEach, []string{oneEach}},
		// The gateway reads 256 KiB of such a body, since it cannot read without end.
		"the same, 1 MB": {mayBeLost, []string{asSent, someLost, lost}},
	},
	// HTTP/2 to the client is complete although HTTP/1.1 to the gateway was broken.
	"haproxy.cfg": {"the same, HTTP/2": {complete, []string{complete}}},
	"varnish.vcl": {
		"the same, HTTP/2": {complete, []string{complete}},
		// Varnish may notice the failure before it sends anything.
		"a download that fails after 128 KB": {broken, []string{broken, "a 503"}},
	},
	"varnish-default.vcl": {
		"the same, HTTP/2":                   {complete, []string{complete}},
		"a download that fails after 128 KB": {broken, []string{broken, "a 503"}},
		"a 404 that is asked for twice":      {cached, []string{cached}},
	},
}
