package soak

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

// chat sends an order to the method with a stream.
func (v *visitor) chat(o order) result {
	line, err := json.Marshal(map[string]string{"line": o.String()})
	if err != nil {
		return result{err: err}
	}
	return v.ask(http.MethodPost, v.network+"/v1/chat", "", string(line))
}

// ending reads a stream. It returns the number of messages with the mark, and the error at the end.
func (a result) ending(mark string) (messages, httpStatus int, message string, err error) {
	for line := range strings.Lines(a.body) {
		var chunk struct {
			Result *struct{ Line string }
			Error  *struct {
				Code    int
				Message string
			}
		}
		if err := json.Unmarshal([]byte(line), &chunk); err != nil || httpStatus != 0 {
			return messages, httpStatus, message, fmt.Errorf("%q is not a chunk, or follows an error: %w", line, err)
		}
		switch {
		case chunk.Error != nil:
			httpStatus, message = chunk.Error.Code, chunk.Error.Message
		case chunk.Result != nil && chunk.Result.Line == mark:
			messages++
		default:
			return messages, httpStatus, message, fmt.Errorf("%q belongs to another stream", line)
		}
	}
	return messages, httpStatus, message, nil
}

// followChat reads streams that succeed, fail at once, and fail later.
func (v *visitor) followChat() {
	v.outages.things.RLock()
	defer v.outages.things.RUnlock()
	if v.outages.things.mode != running {
		return
	}
	mark, _ := v.mark()
	failed := v.errorStatus()
	v.want(v.chat(order{kind: "error", number: failed, mark: mark}), failed, mark, "for "+mark, "where: "+mark)
	for _, o := range []order{
		{kind: "succeed", number: 200, messages: 1 + v.random.IntN(5), mark: mark},
		{kind: "error", number: failed, messages: 1 + v.random.IntN(5), mark: mark},
		{kind: "plain", messages: 2, mark: mark},
	} {
		a := v.chat(o)
		if !v.want(a, 200, mark, mark) {
			continue
		}
		want, text := map[string]int{"error": failed, "plain": 500}[o.kind], ""
		switch o.kind {
		case "error":
			text = "for " + mark
		case "plain":
			text = testkit.Meanings[500]
		}
		messages, httpStatus, message, err := a.ending(mark)
		if err != nil || messages != o.messages || httpStatus != want || message != text {
			v.tally.fail("%s: got %s: %v", a.asked, a.body, err)
		}
	}
}

// loseDownload reads a download that fails. The client must notice that it is incomplete.
func (v *visitor) loseDownload() {
	v.outages.things.RLock()
	defer v.outages.things.RUnlock()
	if v.outages.things.mode != running {
		return
	}
	mark, number := v.mark()
	a := v.ask(http.MethodGet, fmt.Sprintf("%s/v1/things/%d/export", v.network, number), "", "")
	if a.err == nil || a.status != 200 || strings.TrimPrefix(strings.TrimSpace(a.body), mark) != "" {
		v.tally.fail("%s: got %d %q, which looks complete: %v", a.asked, a.status, a.body, a.err)
	}
	v.tally.count(downloadAborted)
}

// meetOutage sends a call and a stream without a lock, so that an outage may begin. They succeed, or fail with 503. The
// 503 may be in the last chunk.
func (v *visitor) meetOutage() {
	mark, number := v.mark()
	o := order{kind: "succeed", number: 200, mark: mark}
	a := v.ask(http.MethodPost, fmt.Sprintf("%s/v1/things/%d:rename", v.network, number), "", fmt.Sprintf("%q", o))
	if a.status == 200 {
		v.want(a, 200, mark, mark)
	} else {
		v.want(a, 503, mark)
	}
	o.messages = 3
	if a = v.chat(o); a.status != 200 {
		v.want(a, 503, mark)
	} else if v.want(a, 200, mark) {
		messages, httpStatus, _, err := a.ending(mark)
		if err != nil || messages < 3 && httpStatus != 503 || httpStatus != 0 && httpStatus != 503 {
			v.tally.fail("%s: got %s: %v", a.asked, a.body, err)
		}
	}
	a = v.admin(http.MethodGet, workloads+"?limit=1", "", "Grpc-Timeout", "200m")
	if defect := a.defect(""); defect != nil || a.status != 200 && a.status < 500 || a.status == 501 {
		v.tally.fail("%s: got %d %s: %v", a.asked, a.status, a.body, defect)
	}
}
