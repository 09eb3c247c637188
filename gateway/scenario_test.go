package gateway_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// scenario is one error, seen from outside: through the bridge, and, as the recorded baseline, through a mux without
// it. Every scenario runs over TCP and in process, and the bridge answers alike.
type scenario struct {
	name    string
	call    call
	behave  testkit.Behaviour
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

func (b baseline) over(transport testkit.Transport) int {
	if transport == testkit.Network {
		return b.network
	}
	return b.inProcess
}

// run plays scenarios on both transports. Those without options share their servers.
func run(t *testing.T, scenarios []scenario) {
	t.Helper()
	runRoutes(t, scenarios)
	for _, transport := range testkit.Transports {
		t.Run(string(transport), func(t *testing.T) {
			service := &testkit.Service{}
			ours := bridged(t, transport, service, gateway.New())
			theirs := bare(t, transport, service)
			for _, s := range scenarios {
				t.Run(s.name, func(t *testing.T) {
					ours, theirs := ours, theirs
					if s.options != nil {
						ours = bridged(t, transport, service, gateway.New(), s.options...)
						theirs = bare(t, transport, service, s.options...)
					}
					service.Behave(s.behave)
					s.call.To(t, ours).WantError(t, s.status, s.message, s.details)
					s.wantStock(t, transport, theirs)
				})
			}
		})
	}
}

// wantStock holds grpc-gateway against its record: when it changes, what this library does about it is to be looked
// at again.
func (s scenario) wantStock(t *testing.T, transport testkit.Transport, base string) {
	t.Helper()
	r, err := s.call.Send(http.DefaultClient, base)
	if err != nil {
		r.Status = malformed
	}
	if want := s.stock.over(transport); r.Status != want {
		t.Errorf("grpc-gateway answers %d %.300q (%v), recorded is %d", r.Status, r.Body, err, want)
	}
	if s.stock.message == "" || err != nil {
		return
	}
	var body struct{ Message string }
	if err := json.Unmarshal([]byte(r.Body), &body); err != nil || body.Message != s.stock.message {
		t.Errorf("grpc-gateway says %.300q (%v), recorded is %.300q", r.Body, err, s.stock.message)
	}
}
