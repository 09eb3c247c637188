package gateway_test

import (
	"bytes"
	"testing"

	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip" // what a gateway that takes compressed replies imports

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
)

// TestFaultMessage is about replies that are gRPC and cannot be read: 502.
func TestFaultMessage(t *testing.T) {
	limited := []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1 << 10))}
	large := bytes.Repeat([]byte{0}, 2<<10)
	compressed := badpeer.Gzip([]byte(marker))
	// reply is a message that a server sends in good faith: trailers of a success follow. For a stream it is the first,
	// and then the second.
	reply := func(name, encoding string, message []byte, text string, stock int) []incident {
		i := incident{name: name, status: 502, origin: gateway.OriginUpstream, text: text, stock: stock, dial: limited}
		i.answer = func(s *badpeer.Stream) {
			s.Begin("grpc-encoding", encoding)
			s.Data(message)
			s.Trailers("grpc-status", "0")
		}
		second := i
		second.name, second.only, second.late = name+" after another", stream, true
		second.answer = func(s *badpeer.Stream) {
			s.Begin("grpc-encoding", encoding)
			s.Data(anyReply)
			s.Data(message)
			s.Trailers("grpc-status", "0")
		}
		return []incident{i, second}
	}
	mistyped := reply("another message", "identity", badpeer.Message(0, append([]byte{0x0a, byte(len(marker) + 1), 0xff}, marker...)),
		"failed to unmarshal", 500)[0]
	mistyped.stream = &routes[6].call
	runIncidents(t, concat(
		reply("no message", "identity", badpeer.Message(0, []byte("\xff\xff\xff"+marker)), "failed to unmarshal", 500),
		[]incident{mistyped},
		reply("too large", "identity", badpeer.Message(0, large), "received message larger than max", 429),
		reply("announced as too large", "identity", badpeer.Announce(0, 1<<30), "received message larger than max", 429),
		reply("unknown encoding", "lz4", badpeer.Message(1, compressed), `Decompressor is not installed for grpc-encoding "lz4"`, 500),
		reply("broken gzip", "gzip", badpeer.Message(1, []byte(marker)), "failed to decompress", 500),
		reply("gzip cut short", "gzip", badpeer.Message(1, compressed[:len(compressed)-9]), "decompress", 500),
		reply("gzip of what is too large", "gzip", badpeer.Message(1, badpeer.Gzip(bytes.Repeat([]byte{0}, 1<<18))),
			"after decompression larger than max", 429),
		reply("compressed with identity", "identity", badpeer.Message(1, compressed), "compressed flag set", 500),
		reply("a flag that there is not", "identity", badpeer.Message(2, nil), "unexpected payload format 2", 500),
		reply("cut short", "identity", append(badpeer.Announce(0, 100), marker...), "unexpected EOF", 500),
		[]incident{
			{
				name: "compressed without an encoding",
				answer: func(s *badpeer.Stream) {
					s.Begin()
					s.Data(badpeer.Message(1, compressed))
					s.Trailers("grpc-status", "0")
				},
				status: 502, origin: gateway.OriginUpstream, text: "compressed flag set", stock: 500,
			},
			{
				name: "two messages", only: unary,
				answer: func(s *badpeer.Stream) {
					s.Begin()
					s.Data(anyReply)
					s.Data(anyReply)
					s.Trailers("grpc-status", "0")
				},
				status: 502, origin: gateway.OriginUpstream, text: "but received another message", stock: 500,
			},
			{
				name: "bytes without a header", only: unary, answer: headless,
				status: 502, origin: gateway.OriginUpstream, text: "without sending trailers", stock: 500,
			},
			{
				// A stream gives the message out all the same.
				name: "bytes without a header", only: stream, late: true, answer: headless,
				status: 502, origin: gateway.OriginUpstream, text: "without sending trailers", stock: 200,
			},
		},
	))
}

func headless(s *badpeer.Stream) { s.LastData(anyReply) }
