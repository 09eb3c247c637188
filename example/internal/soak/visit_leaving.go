package soak

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// leaveCall leaves during a call. The service notices it.
func (v *visitor) leaveCall() {
	v.outages.things.RLock()
	defer v.outages.things.RUnlock()
	if v.outages.things.mode != running {
		return
	}
	mark, number := v.mark()
	h := &hanging{begun: make(chan struct{}), ended: make(chan struct{})}
	v.service.hanging.Store(mark, h)
	defer v.service.hanging.Delete(mark)
	ctx, leave := context.WithTimeout(v.ctx, patience)
	defer leave()
	go func() {
		select {
		case <-h.begun:
			leave()
		case <-ctx.Done():
		}
	}()
	url := fmt.Sprintf("%s/v1/things/%d:rename", v.network, number)
	response, err := v.open(ctx, http.MethodPost, url, "", fmt.Sprintf("%q", order{kind: "hang", mark: mark}))
	if err == nil {
		_ = response.Body.Close()
	}
	if !errors.Is(err, context.Canceled) {
		v.tally.fail("a client that left got: %v", err)
		return
	}
	v.tally.count(clientLeft)
	select {
	case <-h.ended:
	case <-time.After(patience):
		v.tally.fail("the service did not notice that the client left")
	}
}

// leaveStream leaves during a stream.
func (v *visitor) leaveStream() {
	v.outages.things.RLock()
	defer v.outages.things.RUnlock()
	if v.outages.things.mode != running {
		return
	}
	_, number := v.mark()
	ctx, leave := context.WithTimeout(v.ctx, patience)
	defer leave()
	response, err := v.open(ctx, http.MethodGet, fmt.Sprintf("%s/v1/things/%d/watch", v.network, number), "", "")
	if err != nil {
		v.tally.fail("watch: %w", err)
		return
	}
	defer func() { _ = response.Body.Close() }()
	lines := bufio.NewReader(response.Body)
	for range 3 {
		line, err := lines.ReadString('\n')
		want := fmt.Sprintf(`"sequence":%d}`, number)
		if err != nil || !strings.Contains(strings.ReplaceAll(line, " ", ""), want) {
			v.tally.fail("watch %d: %q: %v", number, line, err)
		}
	}
	v.tally.count(clientLeft)
}

// leaveBody leaves before the whole request has been sent.
func (v *visitor) leaveBody() {
	v.outages.counted(v.tally.requests.Add(1))
	connection, err := net.Dial("tcp", strings.TrimPrefix(v.plane.URL(), "http://"))
	if err != nil {
		v.tally.fail("dial: %w", err)
		return
	}
	_, err = io.WriteString(connection, "POST "+projects+" HTTP/1.1\r\nHost: things\r\n"+
		"Authorization: Bearer "+v.administrator+"\r\nContent-Length: 100\r\n\r\n{\"name\":")
	if err = errors.Join(err, connection.Close()); err != nil {
		v.tally.fail("leave: %w", err)
	}
	v.tally.count(clientLeft)
}
