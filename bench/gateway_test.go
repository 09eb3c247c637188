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
	"google.golang.org/grpc/credentials/insecure"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// Each contender gets this number of requests in a run, in batches that alternate.
const (
	gatewayRounds = 8
	gatewayBatch  = 512
)

// BenchmarkGateway measures whole gateways under load. HTTP clients, the gateway and a gRPC server are in this process,
// and are connected over TCP on loopback. The time of an operation is the elapsed time divided by the number of
// requests, so it is the inverse of the throughput.
//
// All contenders of a case are measured together in alternating batches. The sub-benchmarks only report the results,
// and their iterations have no meaning.
func BenchmarkGateway(b *testing.B) {
	skipShort(b)
	for _, test := range []struct {
		name      string
		behaviour testkit.Behaviour
		want      int
	}{
		{"success", nil, http.StatusOK},
		{"error", fail, http.StatusNotFound},
	} {
		for _, callers := range []int{1, 16, 128} {
			b.Run(fmt.Sprintf("case=%s/callers=%d", test.name, callers), func(b *testing.B) {
				service := &testkit.Service{}
				service.Behave(test.behaviour)
				var loads []*load
				for _, g := range overTCP(b, service, test.want) {
					loads = append(loads, newLoad(b, g, callers, test.want))
				}
				var runs []func()
				for _, l := range loads {
					l.send(gatewayBatch) // opens the connections
					l.latencies = l.latencies[:0]
					runs = append(runs, func() { l.send(gatewayBatch) })
				}
				times := alternate(gatewayRounds, runs...)
				for i, l := range loads {
					b.Run("impl="+l.impl, func(b *testing.B) { l.report(b, times[i]) })
				}
			})
		}
	}
}

// overTCP lists gateways that call a service over TCP.
func overTCP(tb testing.TB, service *testkit.Service, want int) []gatewayUnder {
	backend := testkit.ServeGRPC(tb, service)
	return []gatewayUnder{
		{grpcGateway, testkit.Connect(tb, backend, runtime.NewServeMux())},
		{statusbridge, testkit.Connect(tb, backend, gateway.New().NewServeMux())},
		{vanguardGo, proxying(tb, backend)},
		// An HTTP server without a gRPC server shows the cost of HTTP.
		{floor, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if want != http.StatusOK {
				w.Header()["Content-Type"] = jsonType
				w.WriteHeader(want)
				_, _ = io.WriteString(w, `{"code":404,"message":"no such project"}`)
				return
			}
			constantThing(w, r)
		})},
	}
}

// proxying returns vanguard with a reverse proxy to the server, which is its way to call a server in another process.
// It forwards the bytes of the message, and grpc-gateway makes a call with grpc-go.
func proxying(tb testing.TB, backend string) http.Handler {
	protocols := &http.Protocols{}
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: protocols}
	tb.Cleanup(transport.CloseIdleConnections)
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: backend})
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

// load is a number of callers of one gateway. Each keeps its connection.
type load struct {
	impl      string
	tb        testing.TB
	client    *http.Client
	url       string
	want      int
	callers   int
	latencies []time.Duration
}

func newLoad(tb testing.TB, g gatewayUnder, callers, want int) *load {
	server := httptest.NewUnstartedServer(g.handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	transport := &http.Transport{MaxIdleConnsPerHost: callers, DisableCompression: true}
	tb.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	return &load{
		impl: g.impl, tb: tb, client: &http.Client{Transport: transport},
		url: server.URL + getPath, want: want, callers: callers,
	}
}

// send distributes a number of requests among the callers, and records the duration of each.
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
				if err := l.get(); err != nil {
					l.tb.Error(err)
					return
				}
				own[i] = time.Since(start)
			}
		})
	}
	wait.Wait()
}

func (l *load) get() error {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, l.url, http.NoBody)
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
		return fmt.Errorf("%s answered with %d, want %d", l.impl, response.StatusCode, l.want)
	}
	return nil
}

func (l *load) report(b *testing.B, times []time.Duration) {
	var elapsed time.Duration
	for _, t := range times {
		elapsed += t
	}
	sorted := slices.Sorted(slices.Values(l.latencies))
	requests := float64(len(sorted))
	b.ReportMetric(float64(elapsed)/requests, "ns/op")
	b.ReportMetric(requests/elapsed.Seconds(), "req/s")
	b.ReportMetric(quantile(sorted, 0.5), "p50-ns")
	b.ReportMetric(quantile(sorted, 0.99), "p99-ns")
	b.ReportMetric(quantile(sorted, 0.999), "p99.9-ns")
}

// TestGateways checks the responses of the gateways that are measured.
func TestGateways(t *testing.T) {
	for _, test := range []struct {
		behaviour testkit.Behaviour
		want      int
	}{{nil, http.StatusOK}, {fail, http.StatusNotFound}} {
		service := &testkit.Service{}
		service.Behave(test.behaviour)
		for _, g := range overTCP(t, service, test.want) {
			newLoad(t, g, 2, test.want).send(4)
		}
	}
}

// BenchmarkCost compares two gateways in many small batches that alternate. `ratio` is the median of the second time
// divided by the first, and `ratio-from` and `ratio-to` are its 95% confidence interval.
func BenchmarkCost(b *testing.B) {
	skipShort(b)
	inProcess := func(mux *runtime.ServeMux) func(int) {
		testkit.Register(b, testkit.InProcess, &testkit.Service{}, mux)
		request := httptest.NewRequest(http.MethodGet, getPath, http.NoBody)
		w := &sink{header: http.Header{}}
		return func(n int) {
			for range n {
				clear(w.header)
				mux.ServeHTTP(w, request)
			}
		}
	}
	b.Run("case=bridge-in-process", func(b *testing.B) {
		reportCost(b, 400, 500, inProcess(runtime.NewServeMux()), inProcess(gateway.New().NewServeMux()))
	})
	for _, callers := range []int{1, 16} {
		overTCP := func(dial []grpc.DialOption, mux *runtime.ServeMux) func(int) {
			handler := dialled(b, testkit.ServeGRPC(b, &testkit.Service{}), dial, mux)
			l := newLoad(b, gatewayUnder{handler: handler}, callers, http.StatusOK)
			return func(n int) {
				l.latencies = l.latencies[:0]
				l.send(n)
			}
		}
		b.Run(fmt.Sprintf("case=bridge-tcp/callers=%d", callers), func(b *testing.B) {
			reportCost(b, 100, 128, overTCP(nil, runtime.NewServeMux()), overTCP(nil, gateway.New().NewServeMux()))
		})
		b.Run(fmt.Sprintf("case=dial-options-tcp/callers=%d", callers), func(b *testing.B) {
			observed := gateway.New(gateway.WithObserver(func(context.Context, gateway.Observation) {})).NewServeMux()
			reportCost(b, 200, 128, overTCP(nil, gateway.New().NewServeMux()), overTCP(gateway.DialOptions(), observed))
		})
	}
}

func reportCost(b *testing.B, rounds, batch int, first, second func(n int)) {
	first(batch)
	second(batch)
	times := alternate(rounds, func() { first(batch) }, func() { second(batch) })
	low, median, high := ratios(times[0], times[1])
	b.ReportMetric(0, "ns/op") // leaves it out
	b.ReportMetric(median, "ratio")
	b.ReportMetric(low, "ratio-from")
	b.ReportMetric(high, "ratio-to")
}

// dialled connects a mux to the gRPC server at an address, with dial options.
func dialled(tb testing.TB, address string, options []grpc.DialOption, mux *runtime.ServeMux) http.Handler {
	tb.Helper()
	conn, err := grpc.NewClient(address, append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	if err := testkitv1.RegisterThingServiceHandler(context.WithoutCancel(tb.Context()), mux, conn); err != nil {
		tb.Fatal(err)
	}
	return mux
}
