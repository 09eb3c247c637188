package gateway_test

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/grpclog"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/probe"
)

// TestMain silences grpc-gateway, which logs each of the baseline's failures. It may be a backend instead: see
// startBackend.
func TestMain(m *testing.M) {
	if address := os.Getenv(backendVariable); address != "" {
		log.Fatal(beBackend(address))
	}
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
	m.Run()
}

// bridged serves as probe.Start does, for a mux of ours: whatever net/http has to complain about fails the test, such
// as a header that was written twice or two framings of one message.
func bridged(t *testing.T, transport probe.Transport, service *probe.Service, options ...runtime.ServeMuxOption) string {
	t.Helper()
	return serveMux(t, probe.Mux(t, transport, service, options...))
}

func serveMux(t *testing.T, mux http.Handler) string {
	t.Helper()
	server := httptest.NewUnstartedServer(mux)
	server.Config.ErrorLog = log.New(complaints{t}, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

type complaints struct{ t *testing.T }

func (c complaints) Write(p []byte) (int, error) {
	c.t.Errorf("net/http complains: %s", p)
	return len(p), nil
}

// bare serves without the bridge, and without net/http's log: the baseline's complaints are not ours.
func bare(t *testing.T, transport probe.Transport, service *probe.Service, options ...runtime.ServeMuxOption) string {
	t.Helper()
	server := httptest.NewUnstartedServer(probe.Mux(t, transport, service, options...))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// scenario is one error, seen from outside: through the bridge, and, as the recorded baseline, through a mux without
// it. Every scenario runs over TCP and in process, and the bridge answers alike.
type scenario struct {
	name    string
	call    call
	behave  probe.Behaviour
	options []runtime.ServeMuxOption

	status  int
	message string // empty: the page's sentence
	details string
	stock   baseline
}

// baseline is what grpc-gateway answers by itself.
type baseline struct {
	network   int
	inProcess int
	message   string // empty: not compared
}

// malformed stands for an answer that is not an HTTP message.
const malformed = -1

// stock is a baseline that is the same on both transports.
func stock(httpStatus int, message ...string) baseline {
	b := baseline{network: httpStatus, inProcess: httpStatus}
	if len(message) > 0 {
		b.message = message[0]
	}
	return b
}

func (b baseline) over(transport probe.Transport) int {
	if transport == probe.Network {
		return b.network
	}
	return b.inProcess
}

// run plays scenarios on both transports. Those without options share their servers.
func run(t *testing.T, scenarios []scenario) {
	t.Helper()
	runRoutes(t, scenarios)
	for _, transport := range probe.Transports {
		t.Run(string(transport), func(t *testing.T) {
			service := &probe.Service{}
			ours := bridged(t, transport, service, probe.Bridge(gateway.New()))
			theirs := bare(t, transport, service)
			for _, s := range scenarios {
				t.Run(s.name, func(t *testing.T) {
					ours, theirs := ours, theirs
					if s.options != nil {
						ours = bridged(t, transport, service, append([]runtime.ServeMuxOption{probe.Bridge(gateway.New())}, s.options...)...)
						theirs = bare(t, transport, service, s.options...)
					}
					service.Behave(s.behave)
					s.call.to(t, ours).wantError(t, s.status, s.message, s.details)
					s.wantStock(t, transport, theirs)
				})
			}
		})
	}
}

// wantStock holds grpc-gateway against its record: when it changes, what this library does about it is to be looked
// at again.
func (s scenario) wantStock(t *testing.T, transport probe.Transport, base string) {
	t.Helper()
	r, err := s.call.send(http.DefaultClient, base)
	if err != nil {
		r.status = malformed
	}
	if want := s.stock.over(transport); r.status != want {
		t.Errorf("grpc-gateway answers %d %.300q (%v), recorded is %d", r.status, r.body, err, want)
	}
	if s.stock.message == "" || err != nil {
		return
	}
	var body struct{ Message string }
	if err := json.Unmarshal([]byte(r.body), &body); err != nil || body.Message != s.stock.message {
		t.Errorf("grpc-gateway says %.300q (%v), recorded is %.300q", r.body, err, s.stock.message)
	}
}
