package contracttest

import (
	"slices"
	"strings"
)

// checkReply compares a response with the one that a reply of the backend asks for.
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
		w.status = r.declaredSuccess(x.config)
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
		if name != "Www-Authenticate" && strings.Contains(strings.ToLower(name), "www-authenticate") {
			x.breaks(ruleOwnChallenge, "the challenge is sent as %s as well", name)
		}
	}
}
