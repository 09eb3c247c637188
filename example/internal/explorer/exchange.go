package explorer

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
)

// exchange is a request and its answer as they crossed a connection.
type exchange struct {
	Request string `json:"request"`
	// StatusLine, Header and Body are the answer in the order in which it came, without the CRLF between them.
	StatusLine string `json:"statusLine"`
	Header     string `json:"header"`
	Body       string `json:"body"`
	// Findings are how the answer differs from what the page of statuses says.
	Findings []string `json:"findings"`
}

// record makes a request on a connection of its own to addr and keeps what crosses it. The documented status is what the
// answer is held against.
func record(ctx context.Context, addr string, request *http.Request, documented int) (exchange, error) {
	connection, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return exchange{}, err
	}
	defer func() { _ = connection.Close() }()
	// A caller that goes, or the end of patience, ends the reading below.
	stop := context.AfterFunc(ctx, func() { _ = connection.Close() })
	defer stop()

	var sent, received bytes.Buffer
	if err := request.Write(io.MultiWriter(connection, &sent)); err != nil {
		return exchange{}, err
	}
	response, err := http.ReadResponse(bufio.NewReader(io.TeeReader(connection, &received)), request)
	if err != nil {
		return exchange{}, err
	}
	defer func() { _ = response.Body.Close() }()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return exchange{}, err
	}
	head, body, _ := strings.Cut(received.String(), "\r\n\r\n")
	statusLine, header, _ := strings.Cut(head, "\r\n")
	return exchange{
		Request:    sent.String(),
		StatusLine: statusLine,
		Header:     header,
		Body:       body,
		Findings:   findings(response, []byte(body), documented),
	}, nil
}
