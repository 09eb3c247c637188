package badpeer

import (
	"bytes"
	"io"
	"net"
	"strings"
)

// Mute accepts and never speaks.
func Mute(connection net.Conn) {
	_, _ = io.Copy(io.Discard, connection)
}

// HangUp ends the connection as soon as it has been accepted.
func HangUp(connection net.Conn) {
	_ = connection.Close()
}

// HTTP1 speaks only HTTP/1.1. It refuses the preface of HTTP/2 with a page, as such servers do.
func HTTP1(page string) Peer {
	return func(connection net.Conn) {
		head := make([]byte, 0, 1<<10)
		for !bytes.Contains(head, []byte("\r\n")) && len(head) < cap(head) {
			n, err := connection.Read(head[len(head):cap(head)])
			if err != nil {
				return
			}
			head = head[:len(head)+n]
		}
		_, _ = io.WriteString(connection, strings.Join([]string{
			"HTTP/1.1 505 HTTP Version Not Supported", "Content-Type: text/html", "Connection: close", "", page,
		}, "\r\n"))
		finish(connection)
	}
}

// finish closes the sending side and waits until the client closes, so that a reset cannot discard sent bytes.
func finish(connection net.Conn) {
	_ = tcpOf(connection).CloseWrite()
	_, _ = io.Copy(io.Discard, tcpOf(connection))
}
