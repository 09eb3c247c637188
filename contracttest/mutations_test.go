package contracttest_test

import (
	"net/http"
	"strings"
)

// when returns a mutation of the responses that match.
func when(matches func(*answer) bool, change func(*answer)) func(*answer) {
	return func(a *answer) {
		if matches(a) {
			change(a)
		}
	}
}

func failed(a *answer) bool { return a.status >= 400 && a.request.Method != http.MethodHead }

func status(want int) func(*answer) bool {
	return func(a *answer) bool { return a.status == want }
}

// reply matches the failures that a reply of the backend caused.
func reply(name string) func(*answer) bool {
	return func(a *answer) bool { return strings.HasPrefix(a.reply, name) && a.status != http.StatusNotFound }
}

func path(part string) func(*answer) bool {
	return func(a *answer) bool { return strings.Contains(a.request.URL.Path, part) }
}

func set(name, value string) func(*answer) {
	return func(a *answer) { a.header.Set(name, value) }
}

func remove(name string) func(*answer) {
	return func(a *answer) { a.header.Del(name) }
}

func replace(old, with string) func(*answer) {
	return func(a *answer) { a.setBody(strings.Replace(a.body, old, with, 1)) }
}

func become(status int, message string) func(*answer) {
	return func(a *answer) { a.become(status, message) }
}

// mutations has one way of breaking each rule. A mutation is called before the handler, with status 0, and after it.
var mutations = []struct {
	rule   string
	change func(*answer)
}{
	{"documented-status", when(status(409), become(418, "the name is taken"))},
	{"body-json", when(failed, func(a *answer) { a.setBody("oops") })},
	{"body-members", when(failed, replace(`{"code"`, `{"status":"x","code"`))},
	{"body-code", when(status(403), replace(`{"code":403`, `{"code":7`))},
	{"body-message", when(status(403), func(a *answer) { a.setBody(`{"code":403,"message":null}`) })},
	{"body-details", when(status(404), replace(`."}`, `.","details":""}`))},
	{"body-bytes", when(failed, func(a *answer) { a.setBody(a.body + "\n") })},
	{"media-type", when(failed, set("Content-Type", "application/json; charset=utf-8"))},
	{"content-length", when(failed, func(a *answer) {
		a.header.Del("Content-Length")
		a.flush = true
	})},
	{"allow", when(status(405), remove("Allow"))},
	{"challenge", when(status(401), set("Www-Authenticate", `"please log in"`))},
	{"retry-after", when(status(503), set("Retry-After", "soon"))},
	{"empty-204", when(status(204), set("Content-Type", "application/json"))},
	{"empty-head", func(a *answer) {
		if a.request.Method == http.MethodHead && a.status >= 400 {
			a.body = `{"code":404,"message":"x"}`
		}
	}},
	{"control-key", set("Grpc-Metadata-Statusbridge-Http-Status", "202")},
	{"grpc-header", set("Grpc-Status", "5")},
	{"binary-header", set("Grpc-Metadata-Trace-Bin", "AA==")},
	{"header-syntax", when(failed, set("X-Message", "a\x00b"))},
	{"header-once", when(failed, func(a *answer) { a.header.Add("Content-Type", "application/grpc") })},
	{"stale-header", when(failed, set("etag", `"1"`))},
	{"cache-control", when(failed, set("Cache-Control", "private, max-age=60"))},
	{"framing", func(a *answer) {
		if a.status == 200 && a.header.Get("Content-Length") == "" {
			a.header.Set("Transfer-Encoding", "chunked")
		}
	}},
	{"internals", when(path("contracttest-nothing"), func(a *answer) {
		if failed(a) {
			a.become(404, "rpc error: code = NotFound desc = nothing")
		}
	})},
	{"reached", func(a *answer) {
		if strings.HasSuffix(a.request.URL.Path, "/name") {
			a.handled = true
			a.header.Set("Www-Authenticate", "Bearer")
			a.become(401, "a token is required")
		}
	}},
	{"complete", when(reply("OK with ordinary"), func(a *answer) { a.body, a.abort = "", true })},
	{"explicit-status", when(status(200), func(a *answer) { a.written = false })},
	{"code-status", when(reply("code PermissionDenied"), become(409, "the name is taken"))},
	{"exact-status", when(reply("exactly 502"), func(a *answer) {
		if a.status == 502 {
			a.become(503, "the name is taken")
		}
	})},
	{"success-status", when(reply(`OK with the success status "202"`), func(a *answer) {
		a.status, a.written = 200, true
	})},
	{"client-text", when(reply("code Aborted"), become(409, "conflict"))},
	{"server-text", when(reply("code Internal"), become(500, "pq: no such host canary-10.0.0.3:5432"))},
	{"documented-sentence", when(reply("code Internal"), become(500, "something went wrong"))},
	{"details", when(reply("InvalidArgument with BadRequest"), become(400, "the name is taken"))},
	{"retry-delay", when(reply("Unavailable with RetryInfo"), remove("Retry-After"))},
	{"backend-challenge", when(status(401), set("Www-Authenticate", "Bearer"))},
	{"bad-gateway", when(reply("a reset of the stream"), become(500, "An unexpected server error occurred."))},
	{"unavailable", when(reply("nothing listens"), become(504, "The gateway timed out."))},
	{"timeout", when(reply("no reply before the deadline"), become(503, "Please wait."))},
	{"unknown-path", when(path("contracttest-nothing"), func(a *answer) {
		if failed(a) {
			a.become(400, "The path is invalid.")
		}
	})},
	{"wrong-method", when(status(405), func(a *answer) {
		if a.reply == "OK" {
			a.become(501, "The method is not implemented.")
		}
	})},
	{"allow-exact", when(status(405), set("Allow", "GET, BREW"))},
	{"head-as-get", func(a *answer) {
		if a.request.Method == http.MethodHead && a.status == http.StatusOK {
			a.status = http.StatusAccepted
		}
	}},
	{"bad-request", when(status(400), func(a *answer) {
		if a.reply == "OK" {
			a.become(500, "An unexpected server error occurred.")
		}
	})},
	{"early-error", func(a *answer) { a.deaf = true }},
	{"late-error", func(a *answer) {
		if strings.HasSuffix(a.request.URL.Path, "/watch") {
			a.body, _, _ = strings.Cut(a.body, `{"error"`)
		}
	}},
	{"late-error", func(a *answer) { // a download that looks complete
		if strings.HasSuffix(a.request.URL.Path, "/export") {
			a.abort = false
		}
	}},
	{"error-chunk", func(a *answer) {
		a.body = strings.Replace(a.body, `{"error":{"code":404`, `{"error":{"code":5`, 1)
	}},
}
