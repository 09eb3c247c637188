package soak

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

// request sends a request to a layered gateway. Its observer gets the response if it is an error.
func (v *visitor) request(l *layered, method, path, body string, headers ...string) result {
	a := v.ask(method, l.url+path, "", body, headers...)
	a.allowed = l.allowed
	if a.status >= 400 {
		l.answered[a.status].Add(1)
	}
	return a
}

// refusals contains the status of each status that middleware writes.
var refusals = map[int]int{
	401: 401, 403: 403, 404: 404, 409: 409, 410: 404, 412: 409, 415: 400, 418: 400, 422: 400, 429: 503, 500: 500,
	502: 502, 503: 503, 507: 500,
}

// meetMiddleware sends requests that middleware refuses. Handler translates the refusal.
func (v *visitor) meetMiddleware() {
	v.refuse(v.strict, refusals)
	v.refuse(v.extended, map[int]int{403: 403, 418: 400, 422: 422, 429: 429, 502: 502})
}

func (v *visitor) refuse(l *layered, translated map[int]int) {
	for written, sent := range translated {
		mark, _ := v.mark()
		headers := []string{"X-Refuse", strconv.Itoa(written), "X-Mark", mark}
		message := refusedText(mark)
		html := v.random.IntN(4) == 0 && sent >= 500
		if html {
			headers = append(headers, "X-Html", "1")
		}
		if sent >= 500 {
			message = testkit.Meanings[sent]
		}
		a := v.request(l, http.MethodGet, "/v1/things/1", "", headers...)
		if v.wantBody(a, sent, mark, errorBody(sent, message, "")) {
			v.tally.count(refusalTranslated)
		}
		if retryAfter := map[int]string{429: "7"}[written]; a.header.Get("Retry-After") != retryAfter {
			v.tally.fail("%s: Retry-After is %q, want %q", a.asked, a.header.Get("Retry-After"), retryAfter)
		}
	}
}

// useOptions orders what only a gateway with options sends.
func (v *visitor) useOptions() {
	v.outages.things.RLock()
	defer v.outages.things.RUnlock()
	if v.outages.things.mode != running {
		return
	}
	for ordered, sent := range map[int]int{200: 200, 201: 201, 202: 202, 203: 200} {
		mark, number := v.mark()
		v.wantExtra(v.order(order{kind: "succeed", number: ordered, mark: mark}, number), sent, mark, mark)
	}
	for ordered, sent := range map[int]int{404: 404, 418: 400, 422: 422, 502: 502} {
		mark, number := v.mark()
		a := v.order(order{kind: "error", number: ordered, mark: mark}, number)
		v.wantExtra(a, sent, mark, "for "+mark)
		v.wantTrailer(a, mark)
	}
	mark, number := v.mark()
	a := v.order(order{kind: "code", number: 8, mark: mark}, number)
	v.wantExtra(a, 429, mark, errorBody(429, "for "+mark, ""))
	v.wantTrailer(a, mark)
	for range 3 {
		mark, number := v.mark()
		o, httpStatus, body, retryAfter := v.orderDetails(mark, true)
		a := v.order(o, number)
		v.wantDetails(a, httpStatus, mark, body, retryAfter)
		v.wantTrailer(a, mark)
	}
}

// order sends an order to the gateway with options.
func (v *visitor) order(o order, number int64) result {
	method, path, body := rename(o, number)
	return v.request(v.extended, method, path, body)
}

func (v *visitor) wantExtra(a result, httpStatus int, mark, text string) {
	if v.want(a, httpStatus, mark, text) && (httpStatus == 201 || httpStatus == 422 || httpStatus == 429) {
		v.tally.count(extraStatus)
	}
}

func (v *visitor) wantTrailer(a result, mark string) {
	if values := a.header.Values(markTrailer); len(values) != 1 || values[0] != mark {
		v.tally.fail("%s: %s is %q, want %q", a.asked, markTrailer, values, mark)
	}
}

// useOtherProtocols sends requests that pass unchanged, and the same requests where they do not pass.
func (v *visitor) useOtherProtocols() {
	for _, c := range []struct {
		method, path string
		status       int
		body         func(mark string) string
		headers      []string
		strictStatus int
	}{
		{"GET", "/healthz/", 503, healthBody, nil, 503},
		{"POST", "/oauth/", 418, oauthBody, nil, 400},
		{"GET", "/files/", 200, fileBody, nil, 200},
		{"GET", "/files/", 206, func(mark string) string { return mark }, []string{"Range", "bytes=5-17"}, 200},
		{"GET", "/files/", 429, func(mark string) string { return refusedText(mark) + "\n" },
			[]string{"X-Refuse", "429"}, 503},
	} {
		mark, _ := v.mark()
		headers := slices.Concat(c.headers, []string{"X-Mark", mark})
		a := v.exchange(c.method, v.extended.url+c.path+mark, "", "", headers...)
		err := a.foreign(mark)
		if a.err != nil || err != nil || a.status != c.status || a.body != c.body(mark) {
			v.tally.fail("%s: got %d %s: %v", a.asked, a.status, a.body, errors.Join(a.err, err))
		}
		v.tally.count(passedThrough)
		a = v.request(v.strict, c.method, c.path+mark, "", headers...)
		switch c.strictStatus {
		case 200:
			v.want(a, 200, mark, fileBody(mark))
		case 503:
			v.wantBody(a, 503, mark, errorBody(503, testkit.Meanings[503], ""))
		default:
			v.want(a, c.strictStatus, mark)
		}
	}
}
