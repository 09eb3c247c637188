package contracttest_test

import (
	"net/http"
	"strings"
)

// when returns a mutation of the responses that match.
func when(matches func(*response) bool, change func(*response)) func(*response) {
	return func(x *response) {
		if matches(x) {
			change(x)
		}
	}
}

func failed(x *response) bool { return x.status >= 400 && x.request.Method != http.MethodHead }

func status(want int) func(*response) bool {
	return func(x *response) bool { return x.status == want }
}

// reply matches the failures that a reply of the backend caused.
func reply(name string) func(*response) bool {
	return func(x *response) bool { return strings.HasPrefix(x.reply, name) && x.status != http.StatusNotFound }
}

// unknownPath matches the errors of a path that does not exist.
func unknownPath(x *response) bool {
	return failed(x) && strings.Contains(x.request.URL.Path, "contracttest-nothing")
}

func set(name, value string) func(*response) {
	return func(x *response) { x.header.Set(name, value) }
}

func remove(name string) func(*response) {
	return func(x *response) { x.header.Del(name) }
}

func replace(old, with string) func(*response) {
	return func(x *response) { x.setBody(strings.Replace(x.body, old, with, 1)) }
}

func become(status int, message string) func(*response) {
	return func(x *response) { x.become(status, message) }
}

// chunk replaces the error chunk at the end of a stream.
func chunk(with string) func(*response) {
	return when(watched, func(x *response) {
		if first, _, ok := strings.Cut(x.body, `{"error"`); ok {
			x.body = first + with
		}
	})
}

// watched matches the responses of a stream.
func watched(x *response) bool {
	return strings.HasSuffix(x.request.URL.Path, "/watch") && x.status == http.StatusOK
}

// complete lets a download look complete although it failed.
func complete(x *response) {
	if strings.HasSuffix(x.request.URL.Path, "/export") {
		x.abort = false
	}
}

// mutations has one way of breaking each rule. A mutation is called before the handler, with status 0, and after it.
var mutations = []struct {
	rule   string
	change func(*response)
}{
	{"documented-status", when(status(409), become(418, "the name is taken"))},
	{"body-json", when(failed, func(x *response) { x.setBody("oops") })},
	{"body-members", when(failed, replace(`{"code"`, `{"status":"x","code"`))},
	{"body-code", when(status(403), replace(`{"code":403`, `{"code":7`))},
	{"body-message", when(status(403), func(x *response) { x.setBody(`{"code":403,"message":null}`) })},
	{"body-details", when(status(404), replace(`."}`, `.","details":""}`))},
	{"body-bytes", when(failed, func(x *response) { x.setBody(x.body + "\n") })},
	{"media-type", when(failed, set("Content-Type", "application/json; charset=utf-8"))},
	{"content-length", when(failed, func(x *response) {
		x.header.Del("Content-Length")
		x.flush = true
	})},
	{"allow", when(status(405), remove("Allow"))},
	{"challenge", when(status(401), set("Www-Authenticate", `"please log in"`))},
	{"retry-after", when(status(503), set("Retry-After", "soon"))},
	{"empty-204", when(status(204), set("Content-Type", "application/json"))},
	{"empty-head", func(x *response) {
		if x.request.Method == http.MethodHead && x.status >= 400 {
			x.body = `{"code":404,"message":"x"}`
		}
	}},
	{"control-key", set("Grpc-Metadata-Statusbridge-Http-Status", "202")},
	{"grpc-header", set("Grpc-Status", "5")},
	{"binary-header", set("Grpc-Metadata-Trace-Bin", "AA==")},
	{"header-syntax", when(failed, set("X-Message", "a\x00b"))},
	{"header-once", when(failed, func(x *response) { x.header.Add("Content-Type", "application/grpc") })},
	{"stale-header", when(failed, set("etag", `"1"`))},
	{"cache-control", when(failed, set("Cache-Control", "private, max-age=60"))},
	{"framing", func(x *response) {
		if x.status == 200 && x.header.Get("Content-Length") == "" {
			x.header.Set("Transfer-Encoding", "chunked")
		}
	}},
	{"internals", when(unknownPath, become(404, "rpc error: code = NotFound desc = nothing"))},
	{"reached", func(x *response) {
		if strings.HasSuffix(x.request.URL.Path, "/name") {
			x.handled = true
			x.header.Set("Www-Authenticate", "Bearer")
			x.become(401, "a token is required")
		}
	}},
	{"complete", when(reply("OK with ordinary"), func(x *response) { x.body, x.abort = "", true })},
	{"explicit-status", when(status(200), func(x *response) { x.written = false })},
	{"code-status", when(reply("code PermissionDenied"), become(409, "the name is taken"))},
	{"exact-status", when(reply("exactly 502"), func(x *response) {
		if x.status == 502 {
			x.become(503, "the name is taken")
		}
	})},
	{"success-status", when(reply(`OK with the success status "202"`), func(x *response) {
		x.status, x.written = 200, true
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
	{"unknown-path", when(unknownPath, become(400, "The path is invalid."))},
	{"wrong-method", when(status(405), func(x *response) {
		if x.reply == "OK" {
			x.become(501, "The method is not implemented.")
		}
	})},
	{"allow-exact", when(status(405), set("Allow", "GET, BREW"))},
	{"head-as-get", func(x *response) {
		if x.request.Method == http.MethodHead && x.status == http.StatusOK {
			x.status = http.StatusAccepted
		}
	}},
	{"bad-request", when(status(400), func(x *response) {
		if x.reply == "OK" {
			x.become(500, "An unexpected server error occurred.")
		}
	})},
	{"early-error", func(x *response) { x.deaf = true }},
	{"late-error", chunk("")},
	{"late-error", complete},
	{"error-chunk", func(x *response) {
		x.body = strings.Replace(x.body, `{"error":{"code":404`, `{"error":{"code":5`, 1)
	}},
}
