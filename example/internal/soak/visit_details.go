package soak

import (
	"fmt"
	"net/http"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

// errorBody returns the documented body of an error.
func errorBody(httpStatus int, message, details string) string {
	if details == "" {
		return fmt.Sprintf(`{"code":%d,"message":%q}`, httpStatus, message)
	}
	return fmt.Sprintf(`{"code":%d,"message":%q,"details":%q}`, httpStatus, message, details)
}

// wantBody checks a response, and compares its body byte for byte.
func (v *visitor) wantBody(a result, httpStatus int, mark, body string) bool {
	if !v.want(a, httpStatus, mark) {
		return false
	}
	if a.body != body {
		v.tally.fail("%s: got %s, want %s", a.asked, a.body, body)
	}
	return a.body == body
}

// orderDetails returns an order of an error with details, its status, and its body. An extended gateway sends the
// reason of an ErrorInfo.
func (v *visitor) orderDetails(mark string, extended bool) (o order, httpStatus int, body, retryAfter string) {
	o = order{kind: "details", details: v.random.IntN(1 << 20), mark: mark}
	a := attach(o.details, mark)
	own, message := "where: "+mark, "for "+mark
	if v.random.IntN(2) == 0 {
		httpStatus = v.errorStatus()
		o.number = httpStatus
	} else {
		o.kind, own = "status", ""
		o.number = 1 + v.random.IntN(len(codeStatuses)-1)
		httpStatus = codeStatuses[o.number]
		if extended && o.number == 8 {
			httpStatus = 429
		}
		if httpStatus >= 500 {
			message = testkit.Meanings[httpStatus]
		}
	}
	if a.message != "" {
		message = a.message
	}
	details := own
	switch {
	case httpStatus >= 500:
	case extended:
		details = joined(own, reasonText(a.reason), a.text)
	default:
		details = joined(own, a.text)
	}
	return o, httpStatus, errorBody(httpStatus, message, details), a.retryAfter
}

// wantDetails checks the response to an error with details.
func (v *visitor) wantDetails(a result, httpStatus int, mark, body, retryAfter string) {
	if !v.wantBody(a, httpStatus, mark, body) {
		return
	}
	v.tally.count(detailsRead)
	if got := a.header.Get("Retry-After"); got != retryAfter {
		v.tally.fail("%s: Retry-After is %q, want %q", a.asked, got, retryAfter)
	} else if got != "" {
		v.tally.count(retryAfterRead)
	}
}

// readDetails orders errors with violations and other standard details, from a unary method and from a stream.
func (v *visitor) readDetails() {
	v.outages.things.RLock()
	defer v.outages.things.RUnlock()
	if v.outages.things.mode != running {
		return
	}
	for range 4 {
		mark, number := v.mark()
		o, httpStatus, body, retryAfter := v.orderDetails(mark, false)
		v.wantDetails(v.place(o, number), httpStatus, mark, body, retryAfter)
	}
	mark, _ := v.mark()
	o, httpStatus, body, retryAfter := v.orderDetails(mark, false)
	v.wantDetails(v.chat(o), httpStatus, mark, body, retryAfter)
}

// rename returns the path and the body of a request that has an order for a thing.
func rename(o order, number int64) (method, path, body string) {
	return http.MethodPost, fmt.Sprintf("/v1/things/%d:rename", number), fmt.Sprintf("%q", o)
}
