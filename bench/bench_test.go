// Package bench compares this library with others that do the same job: grpc-gateway without this library, connect-go,
// vanguard-go, kratos, gax-go and net/http. It is a separate module, so that users of the library do not download them.
//
// Each measurement is named impl=<library>, so that `benchstat -col /impl` puts the libraries side by side. impl=floor
// writes the same response from a constant. It shows how much time is left if nothing has to be decided.
//
// If a library does a slightly different job, a comment at its entry says how it differs. The tests of this package log
// the response of each library.
package bench_test

import (
	"flag"
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
	grpcGo       = "grpc-go"
	netHTTP      = "net-http"
	floor        = "floor"

	// withAll is this library with everything that the README recommends: Handler around the mux, an observer and, over
	// TCP, DialOptions.
	withAll = statusbridge + "-full"
	// withOption is grpc-gateway with the forward response option that its documentation shows for response codes.
	withOption = grpcGateway + "-option"
)

func TestMain(m *testing.M) {
	// grpc-gateway logs each of its failures.
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
	// The documentation of vanguard recommends this codec for REST clients.
	encoding.RegisterCodec(vanguardgrpc.NewCodec(&vanguard.JSONCodec{
		MarshalOptions:   protojson.MarshalOptions{EmitUnpopulated: true},
		UnmarshalOptions: protojson.UnmarshalOptions{DiscardUnknown: true},
	}))
	m.Run()
}

// skipShort skips a benchmark that takes seconds.
func skipShort(b *testing.B) {
	if testing.Short() {
		b.Skip("it takes seconds")
	}
}

// huge is set in few runs, because making 40,000 routes and services takes many times as long as measuring them.
var huge = flag.Bool("huge", false, "measure up to 40,000 routes and services")

func skipHuge(b *testing.B) {
	if !*huge {
		b.Skip("it takes half a minute to prepare; use -huge")
	}
}

// contender is a library that sends a response.
type contender struct {
	impl    string
	status  int // of the response
	respond func(w http.ResponseWriter)
}

// once sends one response to a writer with a new header map, as a server does.
func (c contender) once() *sink {
	w := &sink{header: http.Header{}, status: http.StatusOK}
	c.respond(w)
	return w
}

// compare measures each contender in turn.
func compare(b *testing.B, contenders []contender) {
	for _, c := range contenders {
		b.Run("impl="+c.impl, func(b *testing.B) {
			if w := c.once(); w.status != c.status {
				b.Fatalf("sent %d, want %d", w.status, c.status)
			}
			b.ReportAllocs()
			for b.Loop() {
				c.once()
			}
		})
	}
}

// sink is a ResponseWriter that discards the response.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Flush()                      {}
