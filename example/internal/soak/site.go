package soak

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/example/internal/controlplane"
	"github.com/statusbridge/statusbridge/example/internal/outage"
	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// site contains the servers and the client.
type site struct {
	plane   *controlplane.ControlPlane
	service *things
	backend *outage.Backend // of the service
	stops   []func()        // of the gateways
	network string          // base URL of the gateway of the backend
	process string          // base URL of the gateway with the service in its process

	strict   *layered // keeps the documented contract
	extended *layered
	chain    *chain

	transport     *http.Transport
	client        *http.Client
	administrator string // bearer tokens
	viewer        string
	outages       *outages
	tally         *tally
}

// schedulerTimeout is long, because the machine may be busy. Requests to a scheduler that hangs have a shorter timeout.
const schedulerTimeout = 20 * time.Second

func openSite(config Config) (*site, error) {
	s := &site{service: &things{}, tally: &tally{}}
	s.transport = &http.Transport{MaxIdleConnsPerHost: 2 * config.Concurrency, IdleConnTimeout: idleTimeout}
	s.client = &http.Client{Transport: s.transport}
	if err := s.start(config); err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.outages = startOutages(s, config)
	return s, nil
}

func (s *site) start(config Config) (err error) {
	if s.plane, err = controlplane.Start(controlplane.Config{SchedulerTimeout: schedulerTimeout}); err != nil {
		return err
	}
	if s.backend, err = outage.StartBackend(registered(s.service), mapping.ServerOptions()...); err != nil {
		return err
	}
	connection, err := s.backend.Connect(gateway.DialOptions()...)
	if err != nil {
		return err
	}
	overNetwork := func(mux *runtime.ServeMux) error {
		return testkitv1.RegisterThingServiceHandler(context.Background(), mux, connection)
	}
	inProcess := func(mux *runtime.ServeMux) error {
		return testkitv1.RegisterThingServiceHandlerServer(context.Background(), mux, s.service)
	}
	if s.network, err = s.mux(overNetwork); err != nil {
		return err
	}
	if s.process, err = s.mux(inProcess); err != nil {
		return err
	}
	if s.strict, err = s.layer(inProcess, nil); err != nil {
		return err
	}
	if s.extended, err = s.layer(overNetwork, extensionStatuses, extensions()...); err != nil {
		return err
	}
	if s.chain, err = openChain(config, s.tally); err != nil {
		return err
	}
	if s.administrator, err = s.token(controlplane.DemoAdministrator); err != nil {
		return err
	}
	s.viewer, err = s.token(controlplane.DemoViewer)
	return err
}

// mux starts a gateway that has only a mux. register adds the service to the mux.
func (s *site) mux(register func(*runtime.ServeMux) error) (base string, err error) {
	mux := gateway.New().NewServeMux()
	if err := register(mux); err != nil {
		return "", err
	}
	return s.serve(mux)
}

// serve starts a server of a handler.
func (s *site) serve(handler http.Handler) (base string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s.stops = append(s.stops, s.tally.serveHTTP(handler, nil)(listener))
	return "http://" + listener.Addr().String(), nil
}

func (s *site) token(key controlplane.DemoKey) (string, error) {
	v := &visitor{site: s, ctx: context.Background()}
	a := v.ask(http.MethodPost, s.plane.URL()+"/api/v1/token", "",
		fmt.Sprintf(`{"clientId":%q,"clientSecret":%q}`, key.ClientID, key.Secret))
	token, _ := a.decoded()["accessToken"].(string)
	if token == "" {
		return "", errors.Join(fmt.Errorf("soak: no token: got %d %s", a.status, a.body), a.err)
	}
	return token, nil
}

func (s *site) close() error {
	var failures []error
	if s.outages != nil {
		s.outages.stop()
	}
	for _, stop := range s.stops {
		stop()
	}
	if s.plane != nil {
		failures = append(failures, s.plane.Close())
	}
	if s.backend != nil {
		failures = append(failures, s.backend.Close())
	}
	failures = append(failures, s.chain.close())
	s.transport.CloseIdleConnections()
	return errors.Join(failures...)
}
