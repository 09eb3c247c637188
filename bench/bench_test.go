// Package bench measures this library beside what else does the same job: grpc-gateway's defaults first, and where
// they do it too, connect-go, vanguard-go, kratos, gax-go and net/http. It is a module of its own, so that nobody who
// imports the library downloads the others.
//
// Every leaf of a benchmark is called impl=<who>, so that `benchstat -col /impl` sets them side by side. impl=floor is
// the same answer written from a constant: what is left when nothing is decided. Where a library's job is not quite the
// same, the comment at its entry says how it differs; the tests of this package say what each of them answers.
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

// The names of who is compared.
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
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard)) // grpc-gateway logs each of its failures
	// What the documentation of vanguard recommends for REST clients.
	encoding.RegisterCodec(vanguardgrpc.NewCodec(&vanguard.JSONCodec{
		MarshalOptions:   protojson.MarshalOptions{EmitUnpopulated: true},
		UnmarshalOptions: protojson.UnmarshalOptions{DiscardUnknown: true},
	}))
	m.Run()
}

// contender is one way to give the HTTP answer that a benchmark asks for.
type contender struct {
	impl   string
	status int // of the answer
	answer func(w http.ResponseWriter)
}

// compare measures each contender as the leaf impl=<name>.
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

// sink is a ResponseWriter that costs nothing, so that what is measured is what writes to it.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Flush()                      {}
