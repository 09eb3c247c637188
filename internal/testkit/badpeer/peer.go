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

// HTTP1 speaks nothing but HTTP/1.1: it refuses HTTP/2's preface with a page, as its servers do.
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

// finish ends our side, and waits for the other to end its own, so that nothing that was sent is lost to a reset.
func finish(connection net.Conn) {
	_ = tcpOf(connection).CloseWrite()
	_, _ = io.Copy(io.Discard, tcpOf(connection))
}
