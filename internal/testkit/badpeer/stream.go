package badpeer

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"net"
	"strings"
)

// Stream sends the response to one complete request. Errors of sending are ignored: the tests look at the client.
type Stream struct {
	connection net.Conn
	id         uint32
	together   *bytes.Buffer // collects the frames if it is not nil
}

// maxFrame is the size of a frame that every peer accepts (RFC 9113 section 4.2).
const maxFrame = 1 << 14

// Headers sends a header list, given as names and values.
func (s *Stream) Headers(fields ...string) {
	s.send(frameHeaders, flagEndHeaders, fieldBlock(fields))
}

// Trailers sends a header list that ends the stream.
func (s *Stream) Trailers(fields ...string) {
	s.send(frameHeaders, flagEndHeaders|flagEndStream, fieldBlock(fields))
}

// Begin sends the header that a gRPC server begins with, and more fields.
func (s *Stream) Begin(fields ...string) {
	s.Headers(append([]string{":status", "200", "content-type", "application/grpc"}, fields...)...)
}

// Data sends bytes of a body. A stream can contain at most 64 KiB, the initial window of flow control.
func (s *Stream) Data(body []byte) {
	for len(body) > maxFrame {
		s.send(frameData, 0, body[:maxFrame])
		body = body[maxFrame:]
	}
	s.send(frameData, 0, body)
}

// LastData sends bytes of a body, at most 16 KiB, that end the stream.
func (s *Stream) LastData(body []byte) {
	s.send(frameData, flagEndStream, body)
}

// Reset ends the stream with an error code of RFC 9113 section 7.
func (s *Stream) Reset(code uint32) {
	s.send(frameReset, 0, binary.BigEndian.AppendUint32(nil, code))
}

// GoAway announces the end of the connection, and whether this stream was processed.
func (s *Stream) GoAway(processed bool, code uint32, debug string) {
	last := uint32(0)
	if processed {
		last = s.id
	}
	payload := binary.BigEndian.AppendUint32(nil, last)
	payload = binary.BigEndian.AppendUint32(payload, code)
	s.write(frame(frameGoAway, 0, 0, append(payload, debug...)))
}

// Garble sends bytes that are not frames.
func (s *Stream) Garble(text string) {
	s.write([]byte(strings.Repeat(text, 9)))
}

// Cut ends the connection after the bytes that were sent.
func (s *Stream) Cut() {
	s.flush()
	_ = tcpOf(s.connection).CloseWrite()
}

// Break resets the connection, which may lose bytes that were sent.
func (s *Stream) Break() {
	s.flush()
	_ = tcpOf(s.connection).SetLinger(0)
	_ = tcpOf(s.connection).Close()
}

// Together sends frames in one write, so that few of them arrive as one TCP segment.
func (s *Stream) Together(frames func(*Stream)) {
	together := &Stream{connection: s.connection, id: s.id, together: &bytes.Buffer{}}
	frames(together)
	together.flush()
}

// WindowUpdate grants the other side more bytes; none is an error (RFC 9113 section 6.9).
func (s *Stream) WindowUpdate(increment uint32) {
	s.send(frameWindowUpdate, 0, binary.BigEndian.AppendUint32(nil, increment))
}

// Frame sends a frame of any type, with any flags, on this stream or for the connection.
func (s *Stream) Frame(kind, flags byte, connection bool, payload []byte) {
	id := s.id
	if connection {
		id = 0
	}
	s.write(frame(kind, flags, id, payload))
}

func (s *Stream) send(kind, flags byte, payload []byte) {
	s.write(frame(kind, flags, s.id, payload))
}

func (s *Stream) write(raw []byte) {
	if s.together != nil {
		s.together.Write(raw)
		return
	}
	_, _ = s.connection.Write(raw)
}

func (s *Stream) flush() {
	if s.together != nil {
		_, _ = s.connection.Write(s.together.Bytes())
		s.together.Reset()
	}
}

// Message frames a gRPC message, with its compressed flag.
func Message(compressed byte, payload []byte) []byte {
	return append(Announce(compressed, len(payload)), payload...)
}

// Announce returns the prefix of a message: its flag and its length.
func Announce(compressed byte, length int) []byte {
	return binary.BigEndian.AppendUint32([]byte{compressed}, uint32(length))
}

// Gzip compresses a payload.
func Gzip(payload []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(payload) // a bytes.Buffer takes every write
	_ = w.Close()
	return out.Bytes()
}
