package soak

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

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
	fronts  []*http.Server
	network string // base URL of the gateway of the backend
	process string // base URL of the gateway with the service in its process

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

// A server closes a connection that sends no request for headerTimeout. A client that begins a request at that moment
// would get an error, so clients close their idle connections earlier.
const (
	headerTimeout = time.Minute
	idleTimeout   = time.Second
)

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
	s.backend, err = outage.StartBackend(func(server grpc.ServiceRegistrar) {
		testkitv1.RegisterThingServiceServer(server, s.service)
	}, mapping.ServerOptions()...)
	if err != nil {
		return err
	}
	connection, err := s.backend.Connect(gateway.DialOptions()...)
	if err != nil {
		return err
	}
	mux := gateway.New().NewServeMux()
	if err = testkitv1.RegisterThingServiceHandler(context.Background(), mux, connection); err != nil {
		return err
	}
	if s.network, err = s.serve(mux); err != nil {
		return err
	}
	mux = gateway.New().NewServeMux()
	inProcess := func(mux *runtime.ServeMux) error {
		return testkitv1.RegisterThingServiceHandlerServer(context.Background(), mux, s.service)
	}
	if err = inProcess(mux); err != nil {
		return err
	}
	if s.process, err = s.serve(mux); err != nil {
		return err
	}
	if s.strict, err = s.layer(inProcess, nil); err != nil {
		return err
	}
	s.extended, err = s.layer(func(mux *runtime.ServeMux) error {
		return testkitv1.RegisterThingServiceHandler(context.Background(), mux, connection)
	}, extensionStatuses, extensions()...)
	if err != nil {
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

// serve starts a server of a handler. Every error that net/http logs is a failure.
func (s *site) serve(handler http.Handler) (base string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	front := &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, ErrorLog: log.New(complaints{s.tally}, "", 0),
	}
	s.fronts = append(s.fronts, front)
	go func() {
		if err := front.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.tally.fail("a gateway ended: %w", err)
		}
	}()
	return "http://" + listener.Addr().String(), nil
}

type complaints struct{ tally *tally }

func (c complaints) Write(p []byte) (int, error) {
	c.tally.fail("net/http logs: %s", p)
	return len(p), nil
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
	for _, front := range s.fronts {
		failures = append(failures, front.Close())
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
