package badpeer

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
)

// The frames of RFC 9113 section 6 that a peer needs, and the flags that end things.
const (
	preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

	frameData         = 0x0
	frameHeaders      = 0x1
	frameReset        = 0x3
	frameSettings     = 0x4
	framePing         = 0x6
	frameGoAway       = 0x7
	frameWindowUpdate = 0x8

	flagAck        = 0x1
	flagEndStream  = 0x1
	flagEndHeaders = 0x4
)

// HTTP2 speaks HTTP/2 and plays a script for every complete request. A connection serves one request at a time.
func HTTP2(answer func(*Stream)) Peer {
	return func(connection net.Conn) {
		reader := bufio.NewReader(connection)
		if _, err := io.CopyN(io.Discard, reader, int64(len(preface))); err != nil {
			return
		}
		if _, err := connection.Write(frame(frameSettings, 0, 0, nil)); err != nil {
			return
		}
		for {
			kind, flags, stream, payload, err := readFrame(reader)
			if err != nil {
				return
			}
			switch {
			case kind == frameSettings && flags&flagAck == 0:
				_, err = connection.Write(frame(frameSettings, flagAck, 0, nil))
			case kind == framePing && flags&flagAck == 0:
				_, err = connection.Write(frame(framePing, flagAck, 0, payload))
			case (kind == frameData || kind == frameHeaders) && flags&flagEndStream != 0:
				answer(&Stream{connection: connection, id: stream})
			}
			if err != nil {
				return
			}
		}
	}
}

func readFrame(r io.Reader) (kind, flags byte, stream uint32, payload []byte, err error) {
	var header [9]byte
	if _, err = io.ReadFull(r, header[:]); err != nil {
		return 0, 0, 0, nil, err
	}
	payload = make([]byte, int(header[0])<<16|int(header[1])<<8|int(header[2]))
	_, err = io.ReadFull(r, payload)
	return header[3], header[4], binary.BigEndian.Uint32(header[5:]), payload, err
}

func frame(kind, flags byte, stream uint32, payload []byte) []byte {
	size := len(payload)
	out := append(make([]byte, 0, 9+size), byte(size>>16), byte(size>>8), byte(size), kind, flags)
	out = binary.BigEndian.AppendUint32(out, stream)
	return append(out, payload...)
}

// fieldBlock encodes a header list in the plainest form of HPACK: literals that are not indexed (RFC 7541 section
// 6.2.2).
func fieldBlock(fields []string) []byte {
	var out []byte
	for i, text := range fields {
		if i%2 == 0 {
			out = append(out, 0)
		}
		out = appendLength(out, len(text))
		out = append(out, text...)
	}
	return out
}

// appendLength appends an integer with a prefix of seven bits (RFC 7541 section 5.1).
func appendLength(out []byte, n int) []byte {
	const prefix = 1<<7 - 1
	if n < prefix {
		return append(out, byte(n))
	}
	out = append(out, prefix)
	for n -= prefix; n >= 1<<7; n >>= 7 {
		out = append(out, byte(n)|1<<7)
	}
	return append(out, byte(n))
}
