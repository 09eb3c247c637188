package soak

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

// passage is a call through the chain and its response while every part runs.
type passage struct {
	path, body string
	mark       string
	headers    []string

	status   int
	text     string // of the response
	messages int    // of a stream
	ending   int    // the status in the last chunk of a stream
	page     bool   // the second proxy makes the response
}

// passChain sends calls through the chain. Parts may be away, and may stop or start meanwhile.
func (v *visitor) passChain() {
	for _, next := range []func(mark string, number int64) passage{
		v.success, v.failure, v.detailed, v.page, v.stream,
	} {
		mark, number := v.mark()
		p := next(mark, number)
		p.mark = mark
		v.pass(p, v.random.IntN(3) > 0)
	}
}

func unary(o order, number int64) (p passage) {
	_, p.path, p.body = rename(o, number)
	return p
}

func (v *visitor) success(mark string, number int64) passage {
	httpStatus := []int{200, 202}[v.random.IntN(2)]
	p := unary(order{kind: "succeed", number: httpStatus, mark: mark}, number)
	p.status, p.text = httpStatus, mark
	return p
}

func (v *visitor) failure(mark string, number int64) passage {
	httpStatus := []int{400, 401, 403, 404, 405, 409, 500, 501}[v.random.IntN(8)]
	p := unary(order{kind: "error", number: httpStatus, mark: mark}, number)
	p.status, p.text = httpStatus, errorBody(httpStatus, "for "+mark, "where: "+mark)
	return p
}

func (v *visitor) detailed(mark string, number int64) passage {
	o, httpStatus, body, _ := v.orderDetails(mark, false)
	for upstreamFailed(httpStatus) {
		o, httpStatus, body, _ = v.orderDetails(mark, false)
	}
	p := unary(o, number)
	p.status, p.text = httpStatus, body
	return p
}

func (v *visitor) page(mark string, number int64) passage {
	p := unary(order{kind: "succeed", mark: mark}, number)
	for written, sent := range pages { // in random order
		p.status, p.text, p.page = sent, errorBody(sent, testkit.Meanings[sent], ""), true
		p.headers = []string{pageHeader, strconv.Itoa(written)}
		break
	}
	return p
}

func (v *visitor) stream(mark string, _ int64) passage {
	o := order{kind: "succeed", messages: 1 + v.random.IntN(20), mark: mark}
	if v.random.IntN(2) == 0 {
		o.kind, o.number = "error", 409
	}
	line, _ := json.Marshal(map[string]string{"line": o.String()}) // strings can always be marshalled
	return passage{
		path: "/v1/chat", body: string(line), status: 200, text: mark, messages: o.messages, ending: o.number,
	}
}

// pass sends a call and checks the response. If the chain does not change meanwhile, only one response is right.
func (v *visitor) pass(p passage, throughFront bool) {
	c := v.chain
	base := "http://" + c.gateway.address
	if throughFront {
		base = "http://" + c.front.address
	}
	before := c.condition.Load()
	a := v.ask(http.MethodPost, base+p.path, "", p.body, p.headers...)
	if throughFront && c.foreignFront && a.isForeignPage() {
		v.checkForeignPage(a, p, before)
		return
	}
	if before.changing || c.condition.Load() != before {
		v.checkInterrupted(a, p)
		return
	}
	if before.mode != running {
		failing := c.failures[before.mode]
		want := failing.gateway
		if throughFront {
			want = failing.front
		}
		switch {
		case want == 0 && a.err != nil:
			v.tally.count(connectionBroken)
			return
		case want == 0:
			v.tally.fail("%s: got %d, and nothing listens there", a.asked, a.status)
			return
		case want != 200 && (!p.page || before.mode == "proxy" || before.mode == "gateway"):
			v.tally.count(failedInChain)
			v.wantBody(a, want, p.mark, errorBody(want, testkit.Meanings[want], ""))
			return
		}
	}
	v.checkPassage(a, p)
}

// isForeignPage reports whether the first proxy made the response, because the gateway was away.
func (a result) isForeignPage() bool {
	return upstreamFailed(a.status) && strings.HasPrefix(a.header.Get("Content-Type"), "text/html")
}

// checkForeignPage checks when the first proxy sends its own page.
func (v *visitor) checkForeignPage(a result, p passage, before *condition) {
	steady := !before.changing && v.chain.condition.Load() == before
	if err := a.foreign(p.mark); err != nil || steady && before.mode != "gateway" {
		v.tally.fail("%s: got the page of a proxy while the mode was %s: %s: %v", a.asked, before.mode, a.body, err)
	}
	if steady {
		v.tally.count(failedInChain)
	} else {
		v.tally.count(chainInterrupted)
	}
}

// checkPassage checks the response while every part that the call needs is running.
func (v *visitor) checkPassage(a result, p passage) {
	if !v.want(a, p.status, p.mark, p.text) {
		if o := v.chain.lastFailure.Load(); o != nil {
			v.tally.fail("the gateway observed last: %d on %s: %w", o.HTTPStatus, o.Path, o.Err)
		}
		return
	}
	if p.page {
		v.tally.count(pageTranslated)
	}
	if p.messages > 0 {
		messages, httpStatus, _, err := a.ending(p.mark)
		if err != nil || messages != p.messages || httpStatus != p.ending {
			v.tally.fail("%s: got %s: %v", a.asked, a.body, err)
		}
	}
}

// checkInterrupted checks the response to a call during which a part stopped or started.
func (v *visitor) checkInterrupted(a result, p passage) {
	switch {
	case a.err != nil:
		v.tally.count(connectionBroken)
		if err := a.foreign(p.mark); err != nil {
			v.tally.fail("%s: got %s: %w", a.asked, a.body, err)
		}
	case upstreamFailed(a.status):
		v.tally.count(chainInterrupted)
		v.wantBody(a, a.status, p.mark, errorBody(a.status, testkit.Meanings[a.status], ""))
	case p.messages == 0:
		v.checkPassage(a, p)
	case v.want(a, 200, p.mark):
		messages, httpStatus, message, err := a.ending(p.mark)
		whole := messages == p.messages && httpStatus == p.ending
		cut := upstreamFailed(httpStatus) && message == testkit.Meanings[httpStatus] && messages <= p.messages
		if err != nil || !whole && !cut {
			v.tally.fail("%s: got %s: %v", a.asked, a.body, err)
		}
		if cut {
			v.tally.count(chainInterrupted)
		}
	}
}
