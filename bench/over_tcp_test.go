package bench_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"connectrpc.com/vanguard"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// The number of batches and of requests in a batch, for each library in one run.
const (
	tcpRounds = 8
	tcpBatch  = 512
)

// BenchmarkOverTCP measures whole requests under load. The HTTP clients, the gateway and the gRPC server are in this
// process and talk over TCP on loopback. The time of an operation is the elapsed time divided by the number of
// requests, which is the inverse of the throughput.
//
// The batches of the libraries alternate. Everything was measured when the leaves run, so they only report, and their
// iterations mean nothing.
func BenchmarkOverTCP(b *testing.B) {
	skipShort(b)
	for _, r := range wholeRequests {
		for _, callers := range []int{1, 16, 128} {
			b.Run(fmt.Sprintf("case=%s/callers=%d", r.name, callers), func(b *testing.B) {
				var loads []*load
				var runs []func()
				for _, h := range r.overTCP(b) {
					l := newLoad(b, r, h, callers)
					l.send(tcpBatch) // opens the connections
					l.latencies = nil
					loads = append(loads, l)
					runs = append(runs, func() { l.send(tcpBatch) })
				}
				times := alternate(tcpRounds, runs...)
				for i, l := range loads {
					b.Run("impl="+l.impl, func(b *testing.B) {
						l.report(b, times[i])
						b.ReportMetric(ratio(times[0], times[i]), "ratio")
						b.ReportMetric(l.quantile(0.99)/loads[0].quantile(0.99), "p99-ratio")
					})
				}
			})
		}
	}
}

// overTCP returns the libraries that can serve the request, with a service over TCP.
func (r wholeRequest) overTCP(tb testing.TB) []namedHandler {
	if r.name == notAllowed {
		return r.able(notAllowedHandlers(tb))
	}
	server := testkit.ServeGRPC(tb, r.service())
	handlers := gateways(func(mux *runtime.ServeMux, full bool) {
		var options []grpc.DialOption
		if full {
			options = gateway.DialOptions()
		}
		testkit.Connect(tb, server, mux, options...)
	})
	return r.able(append(handlers,
		namedHandler{vanguardGo, proxying(tb, server)},
		// HTTP without a gRPC server.
		namedHandler{floor, http.HandlerFunc(constantThing)}))
}

// proxying returns vanguard with a reverse proxy to the server, because the server may be in another process. It
// forwards the bytes of the message, and grpc-gateway makes a call with grpc-go.
func proxying(tb testing.TB, server string) http.Handler {
	protocols := &http.Protocols{}
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: protocols}
	tb.Cleanup(transport.CloseIdleConnections)
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: server})
	proxy.Transport = transport
	handler, err := vanguard.NewTranscoder([]*vanguard.Service{
		vanguard.NewService(testkitv1.ThingService_ServiceDesc.ServiceName, proxy,
			vanguard.WithTargetProtocols(vanguard.ProtocolGRPC), vanguard.WithTargetCodecs(vanguard.CodecProto)),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return handler
}

// load is a number of callers that send a request to one library. Each caller keeps its connection.
type load struct {
	impl      string
	tb        testing.TB
	client    *http.Client
	method    string
	url       string
	want      int
	callers   int
	latencies []time.Duration
}

func newLoad(tb testing.TB, r wholeRequest, h namedHandler, callers int) *load {
	server := httptest.NewUnstartedServer(h.handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	transport := &http.Transport{MaxIdleConnsPerHost: callers, DisableCompression: true}
	tb.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	return &load{
		impl: h.impl, tb: tb, client: &http.Client{Transport: transport},
		method: r.method, url: server.URL + r.path, want: r.want[h.impl], callers: callers,
	}
}

// send shares a number of requests among the callers and notes how long each request took.
func (l *load) send(requests int) {
	each := requests / l.callers
	from := len(l.latencies)
	l.latencies = append(l.latencies, make([]time.Duration, each*l.callers)...)
	var wait sync.WaitGroup
	for caller := range l.callers {
		own := l.latencies[from+caller*each:][:each]
		wait.Go(func() {
			for i := range own {
				start := time.Now()
				if err := l.request(); err != nil {
					l.tb.Error(err)
					return
				}
				own[i] = time.Since(start)
			}
		})
	}
	wait.Wait()
}

func (l *load) request() error {
	request, err := http.NewRequestWithContext(context.Background(), l.method, l.url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := l.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != l.want {
		return fmt.Errorf("%s sent %d, want %d", l.impl, response.StatusCode, l.want)
	}
	return nil
}

// quantile returns the time in nanoseconds that the share q of the requests did not exceed.
func (l *load) quantile(q float64) float64 {
	sorted := slices.Sorted(slices.Values(l.latencies))
	return float64(sorted[min(len(sorted)-1, int(q*float64(len(sorted))))])
}

func (l *load) report(b *testing.B, times []time.Duration) {
	var elapsed time.Duration
	for _, t := range times {
		elapsed += t
	}
	requests := float64(len(l.latencies))
	b.ReportMetric(float64(elapsed)/requests, "ns/op")
	b.ReportMetric(requests/elapsed.Seconds(), "req/s")
	b.ReportMetric(l.quantile(0.5), "p50-ns")
	b.ReportMetric(l.quantile(0.99), "p99-ns")
}

// TestOverTCP checks the status of each measured response.
func TestOverTCP(t *testing.T) {
	for _, r := range wholeRequests {
		for _, h := range r.overTCP(t) {
			newLoad(t, r, h, 2).send(4)
		}
	}
}
