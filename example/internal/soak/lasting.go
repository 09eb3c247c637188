package soak

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

// lasting is a stream through the chain that lasts until a part stops.
type lasting struct {
	response *http.Response
	lines    *bufio.Reader
	first    string
}

const lastingMark = "lasting"

// openLasting returns a stream whose first message has arrived.
func (c *chain) openLasting() (*lasting, error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	line, err := json.Marshal(map[string]string{"line": order{kind: "hang", messages: 1, mark: lastingMark}.String()})
	if err != nil {
		return nil, err
	}
	url := "http://" + c.front.address + "/v1/chat"
	response, err := client.Post(url, "application/json", strings.NewReader(string(line)))
	if err != nil {
		return nil, err
	}
	l := &lasting{response: response, lines: bufio.NewReader(response.Body)}
	l.first, err = l.lines.ReadString('\n')
	if err != nil {
		err = errors.Join(fmt.Errorf("soak: a stream began with %d %q: %w", response.StatusCode, l.first, err),
			response.Body.Close())
	}
	return l, err
}

// end reads the rest after a part has stopped. If the gateway still runs, the last chunk is the documented error.
// Otherwise the connection breaks.
func (l *lasting) end(stopped string) error {
	rest, err := io.ReadAll(l.lines)
	if e := l.response.Body.Close(); e != nil {
		return e
	}
	messages, httpStatus, message, wrong := result{body: l.first + string(rest)}.ending(lastingMark)
	broken := stopped == "front" || stopped == "gateway"
	told := upstreamFailed(httpStatus) && message == testkit.Meanings[httpStatus]
	if wrong != nil || messages != 1 || broken != (err != nil) || broken == told {
		return fmt.Errorf("soak: while the %s stopped, a stream was %s%s: %w", stopped, l.first, rest,
			errors.Join(wrong, err))
	}
	return nil
}
