package explorer

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/statusbridge/statusbridge/example/internal/trace"
)

// exchange is a request and its response, as they were sent over a connection.
type exchange struct {
	Request string `json:"request"`
	// StatusLine, Header and Body are the parts of the response, without the CRLF between them.
	StatusLine string `json:"statusLine"`
	Header     string `json:"header"`
	Body       string `json:"body"`
	// Checks compares the response with the contract.
	Checks []check `json:"checks"`
	// Trace is the way of the request through the gateway.
	Trace trace.Trace `json:"trace"`
}

// record sends a request over a new connection to addr, and keeps every byte. documented is the expected status, or 0
// for any.
func record(
	ctx context.Context, addr string, request *http.Request, documented int, recorder *trace.Recorder,
) (exchange, error) {
	connection, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return exchange{}, err
	}
	defer func() { _ = connection.Close() }()
	// The reads below end when the context does.
	stop := context.AfterFunc(ctx, func() { _ = connection.Close() })
	defer stop()
	client := connection.LocalAddr().String()
	recorder.Follow(client)
	defer recorder.Stop(client)

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
		Checks:     checks(response, []byte(body), documented),
		Trace:      recorder.Result(ctx, client),
	}, nil
}
