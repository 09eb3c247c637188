package contracttest

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// checkReply compares a response with what a reply of the backend calls for.
func (x *result) checkReply(r *route, p *reply) {
	w := p.want
	late := w.late && r.serverStream()
	if !x.sent || x.late {
		return
	}
	x.checkLeaks()
	if late {
		x.checkLate(r, w)
		return
	}
	if x.bodyErr != nil {
		x.breaks(ruleComplete, "the body ends with an error: %v", plainError(x.bodyErr))
		return
	}
	if w.success {
		w.status = r.declaredSuccess()
		if !x.config.allowed[w.status] {
			w.status = http.StatusOK
		}
	}
	if r.byHand && isSuccess(w.status) && isSuccess(x.status) {
		return // the handler chooses the status of its success
	}
	if x.status != w.status {
		if !x.broken(ruleStatus) {
			x.breaks(w.rule, "the status is %d, not %d", x.status, w.status)
		}
		return
	}
	if isSuccess(x.status) {
		if !x.served.explicit {
			x.breaks(ruleExplicit, "the handler never calls WriteHeader(%d)", x.status)
		}
		return
	}
	x.checkTexts(w)
	if !r.byHand { // such a handler may not see metadata
		x.checkHeaders(w)
	}
}

// checkLeaks looks for text of the backend that was not written for clients.
func (x *result) checkLeaks() {
	if strings.Contains(string(x.body), canary) {
		x.breaks(ruleServerText, "the body contains text that the backend did not write for clients")
		return
	}
	for name, values := range x.header {
		if strings.Contains(strings.Join(values, " "), canary) {
			x.breaks(ruleServerText, "%s contains text that the backend did not write for clients", name)
		}
	}
}

func (x *result) checkTexts(w want) {
	body, ok := x.read()
	if !ok || x.broken(ruleServerText, ruleMessage, ruleJSON) {
		return
	}
	sentence, documented := meaning(w.status)
	switch {
	case w.message == "":
	case w.status < 500 || w.attached:
		if body.Message != w.message {
			x.breaks(ruleClientText, "the message is not the one that the service wrote for clients")
		}
	case documented && body.Message != sentence:
		x.breaks(ruleSentence, "the message is not the documented sentence %q", sentence)
	}
	if w.details != nil && body.Details != *w.details && !x.broken(ruleDetailsText) {
		x.breaks(ruleDetails, "details is %q, not %q", printable([]byte(body.Details)), *w.details)
	}
}

func (x *result) checkHeaders(w want) {
	if got := x.header.Get("Retry-After"); w.retryAfter != "" && got != w.retryAfter && !x.broken(ruleRetryAfter) {
		x.breaks(ruleRetryDelay, "Retry-After is %q, not %q", got, w.retryAfter)
	}
	if w.challenge == "" || x.broken(ruleChallenge) {
		return
	}
	if got := x.header.Values("WWW-Authenticate"); !slices.Equal(got, []string{w.challenge}) {
		x.breaks(ruleOwnChallenge, "WWW-Authenticate is %q, not %q", got, w.challenge)
	}
	for name := range x.header {
		if !strings.EqualFold(name, "WWW-Authenticate") && strings.Contains(strings.ToLower(name), "www-authenticate") {
			x.breaks(ruleOwnChallenge, "the challenge is sent as %s as well", name)
		}
	}
}

// chunk matches the beginning of an error chunk, whatever the marshaler puts around it.
var chunk = regexp.MustCompile(`\{\s*"error"\s*:`)

// checkLate judges the end of a stream that failed after its first message.
func (x *result) checkLate(r *route, w want) {
	if !isSuccess(x.status) {
		if x.status != w.status && w.rule != "" {
			x.breaks(w.rule, "the status is %d, not %d", x.status, w.status)
		}
		return // nothing was sent before the failure
	}
	if x.bodyErr != nil {
		return // the client sees that the stream is broken
	}
	if r.download() {
		x.breaks(ruleLateError, "the download failed and looks complete")
		return
	}
	found := chunk.FindAllIndex(x.body, -1)
	switch {
	case x.config.abortStream:
		x.breaks(ruleLateError, "the stream failed and the connection is not broken")
		return
	case len(found) == 0:
		x.breaks(ruleLateError, "the stream failed and ends without an error")
		return
	case w.cut:
		return
	}
	var last struct {
		Error struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	decoder := json.NewDecoder(strings.NewReader(string(x.body[found[len(found)-1][0]:])))
	if err := decoder.Decode(&last); err != nil {
		x.breaks(ruleErrorChunk, "the last chunk is not JSON")
		return
	}
	wanted := w.message
	if sentence, ok := meaning(w.status); ok && w.status >= 500 && !w.attached {
		wanted = sentence
	}
	if last.Error.Code != w.status {
		x.breaks(ruleErrorChunk, "the code of the last chunk is %d, not %d", last.Error.Code, w.status)
	} else if last.Error.Message != wanted && !x.broken(ruleServerText) {
		x.breaks(ruleErrorChunk, "the message of the last chunk is not %q", wanted)
	}
}
