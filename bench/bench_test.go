// Package bench compares this library with grpc-gateway's defaults, and with connect-go, vanguard-go, kratos, gax-go
// and net/http if they do the same task. It is a separate module, so that users of the library do not download the
// others.
//
// Every sub-benchmark is named impl=<library>, so that `benchstat -col /impl` shows them in columns. impl=floor writes
// the same response from a constant. It shows which part of a time no implementation can save. If the task of a library
// differs, the comment at its entry says how. The tests of this package check the response of each library.
package bench_test

import (
	"io"
	"net/http"
	"testing"

	"connectrpc.com/vanguard"
	"connectrpc.com/vanguard/vanguardgrpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/grpclog"
	"google.golang.org/protobuf/encoding/protojson"
)

// The names of the libraries.
const (
	grpcGateway  = "grpc-gateway"
	statusbridge = "statusbridge"
	connectGo    = "connect-go"
	vanguardGo   = "vanguard-go"
	kratos       = "kratos"
	gaxGo        = "gax-go"
	netHTTP      = "net-http"
	floor        = "floor"
)

func TestMain(m *testing.M) {
	// grpc-gateway logs each failure.
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
	// The documentation of vanguard recommends this for REST clients.
	encoding.RegisterCodec(vanguardgrpc.NewCodec(&vanguard.JSONCodec{
		MarshalOptions:   protojson.MarshalOptions{EmitUnpopulated: true},
		UnmarshalOptions: protojson.UnmarshalOptions{DiscardUnknown: true},
	}))
	m.Run()
}

// contender is one way to send the HTTP response that a benchmark asks for.
type contender struct {
	impl   string
	status int // of the answer
	answer func(w http.ResponseWriter)
}

// compare runs a sub-benchmark impl=<name> for each contender.
func compare(b *testing.B, contenders []contender) {
	for _, c := range contenders {
		b.Run("impl="+c.impl, func(b *testing.B) {
			w := &sink{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				w.status = http.StatusOK
				c.answer(w)
			}
			if w.status != c.status {
				b.Errorf("answered with %d, want %d", w.status, c.status)
			}
		})
	}
}

// sink is a ResponseWriter that does nothing, so that a benchmark measures only the code that writes to it.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Flush()                      {}
