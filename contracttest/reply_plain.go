package contracttest

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// plainReplies has replies that are not gRPC, or not valid gRPC.
func (c *config) plainReplies() []reply {
	var all []reply
	for _, p := range []struct{ status, want int }{
		{200, 502}, {302, 502}, {400, 502}, {401, 502}, {403, 502}, {404, 502}, {500, 502}, {502, 502},
		{429, 503}, {503, 503}, {408, 504}, {504, 504},
	} {
		all = append(all, reply{
			name: fmt.Sprintf("an HTML page with status %d", p.status), want: upstream(p.want),
			plain: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				w.WriteHeader(p.status)
				_, _ = io.WriteString(w, "<html>"+canary+"</html>")
			},
		})
	}
	unary := func(r *route) bool { return !r.serverStream() }
	all = append(all,
		reply{name: "no message and no grpc-status", want: upstream(502), plain: wire("", "")},
		reply{name: "a message and no grpc-status", want: afterFirst(upstream(502)), plain: wire("", message)},
		reply{name: "a message and a malformed grpc-status", want: afterFirst(upstream(502)),
			plain: wire("x", message)},
		reply{name: "OK without a message", want: upstream(502), plain: wire("0", ""), only: unary},
		reply{name: "a message that does not parse", want: upstream(502),
			plain: wire("0", "\x00\x00\x00\x00\x02\xff\xff")},
		reply{name: "a message that is not compressed as it says", want: upstream(502),
			plain: wire("0", "\x01\x00\x00\x00\x02\xff\xff")},
		reply{name: "a message over the limit", want: upstream(502), plain: wire("0", "\x00\x7f\x00\x00\x00")},
		reply{name: "a reset of the stream", want: upstream(502), plain: func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		}},
		reply{name: "a lost connection", want: upstream(503), plain: cut},
		reply{name: "a reset after the first message", want: want{late: true, cut: true},
			only: (*route).serverStream, plain: func(w http.ResponseWriter, _ *http.Request) {
				first(w)
				panic(http.ErrAbortHandler)
			}},
		reply{name: "a lost connection after the first message", want: want{late: true, cut: true},
			only: (*route).serverStream, plain: func(w http.ResponseWriter, r *http.Request) {
				first(w)
				cut(w, r)
			}},
		reply{name: "no reply before the deadline", want: upstream(504), plain: c.slow,
			header: http.Header{"Grpc-Timeout": {"30m"}}},
	)
	return all
}

// dead is the reply of a port where nothing listens.
func dead() reply {
	return reply{name: "nothing listens", want: upstream(http.StatusServiceUnavailable)}
}

// upstream returns the response to a failure between the gateway and the service.
func upstream(status int) want {
	rules := map[int]string{502: ruleBadGateway, 503: ruleUnavailable, 504: ruleTimeout}
	return want{rule: rules[status], status: status, message: serverText}
}

// afterFirst returns w for a failure that follows the first message of a stream.
func afterFirst(w want) want {
	w.late = true
	return w
}

// message is the empty message as gRPC frames it.
const message = "\x00\x00\x00\x00\x00"

// wire replies with a body and a grpc-status.
func wire(status, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/grpc")
		w.WriteHeader(http.StatusOK)
		_, _ = io.WriteString(w, body)
		if status != "" {
			w.Header().Set(http.TrailerPrefix+"Grpc-Status", status)
		}
	}
}

// first sends a message and no status.
func first(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/grpc")
	_, _ = io.WriteString(w, message)
	_ = http.NewResponseController(w).Flush()
}

// cut closes the connection.
func cut(_ http.ResponseWriter, r *http.Request) {
	if connection, ok := r.Context().Value(connectionKey{}).(net.Conn); ok {
		_ = connection.Close()
	}
}

// slow waits until the caller gives up. If the deadline is later than patience, the handler has replaced the deadline
// of its client. The call then succeeds at once, and replyToAll ignores the response.
func (c *config) slow(w http.ResponseWriter, r *http.Request) {
	if limit, ok := timeout(r.Header.Get("Grpc-Timeout")); !ok || limit > c.patience {
		wire("0", message)(w, r)
		return
	}
	select {
	case <-r.Context().Done():
	case <-time.After(c.patience):
	}
}

// timeout reads a grpc-timeout header.
func timeout(value string) (time.Duration, bool) {
	var amount int64
	var unit rune
	if _, err := fmt.Sscanf(value, "%d%c", &amount, &unit); err != nil {
		return 0, false
	}
	units := map[rune]time.Duration{
		'H': time.Hour, 'M': time.Minute, 'S': time.Second,
		'm': time.Millisecond, 'u': time.Microsecond, 'n': time.Nanosecond,
	}
	return time.Duration(amount) * units[unit], units[unit] > 0
}
