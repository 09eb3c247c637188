package soak

import (
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/statusbridge/statusbridge/example/internal/outage"
)

// subject is a server that fails from time to time. A visit that expects a certain response holds the lock for reading,
// so that the mode does not change.
type subject struct {
	sync.RWMutex

	mode string
	set  func(mode string) error
}

const running = "running"

// outages breaks and repairs the subjects, one after the other.
type outages struct {
	store, scheduler, workloads, things, chain *subject

	tally *tally
	every int64 // the number of requests from one outage to the next
	turn  chan chan error
	done  chan struct{}
}

const (
	outagesPerRun = 400 // in a long run
	minEvery      = 200 // so a short run has fewer outages
)

func startOutages(s *site, config Config) *outages {
	o := &outages{
		store:     &subject{set: s.admin("store")},
		scheduler: &subject{set: s.admin("scheduler")},
		workloads: &subject{set: s.admin("workloads")},
		things:    &subject{set: s.setBackend},
		chain:     &subject{set: s.chain.set},
		tally:     s.tally,
		every:     int64(max(minEvery, config.Requests/outagesPerRun)),
		turn:      make(chan chan error, 2*outagesPerRun+2), // sending never blocks
		done:      make(chan struct{}),
	}
	for _, subject := range []*subject{o.store, o.scheduler, o.workloads, o.things, o.chain} {
		subject.mode = running
	}
	go o.run()
	return o
}

// counted begins or ends an outage when n requests have been sent. An outage lasts for an eighth of the requests to the
// next one.
func (o *outages) counted(n int64) {
	if n%o.every == 0 || n%o.every == o.every/8 {
		select {
		case o.turn <- nil:
		default:
		}
	}
}

// calm ends the current outage.
func (o *outages) calm() error {
	calmed := make(chan error, 1)
	o.turn <- calmed
	return <-calmed
}

func (o *outages) stop() {
	close(o.turn)
	<-o.done
}

func (o *outages) run() {
	defer close(o.done)
	plan := []struct {
		subject *subject
		mode    string
	}{
		{o.scheduler, "down"}, {o.chain, "proxy"}, {o.workloads, "down"}, {o.things, "down"}, {o.chain, "gateway"},
		{o.store, "corrupt"}, {o.chain, pageMode(403)}, {o.workloads, "rubbish"}, {o.chain, "front"},
		{o.things, "down"}, {o.chain, pageMode(503)}, {o.scheduler, "rubbish"}, {o.chain, "service"},
		{o.workloads, "hang"}, {o.things, "down"}, {o.chain, pageMode(502)}, {o.scheduler, "hang"},
	}
	var failing *subject
	next := 0
	for calmed := range o.turn {
		var err error
		switch {
		case failing != nil:
			err = failing.switchTo(running)
			failing = nil
		case calmed == nil:
			step := plan[next%len(plan)]
			failing, next = step.subject, next+1
			err = failing.switchTo(step.mode)
		}
		o.tally.count(outageChanged)
		if calmed != nil {
			calmed <- err
		} else if err != nil {
			o.tally.fail("%w", err)
		}
	}
}

func (s *subject) switchTo(mode string) error {
	s.Lock()
	defer s.Unlock()
	s.mode = mode
	return s.set(mode)
}

// admin returns a function that sets a mode with the admin route.
func (s *site) admin(name string) func(mode string) error {
	return func(mode string) error {
		if name == "store" && mode == running {
			mode = "healthy"
		}
		httpStatus, err := askOnce(s.client, http.MethodPut, s.plane.URL()+"/admin/"+name+"/"+mode, "")
		if err == nil && httpStatus != http.StatusOK {
			err = fmt.Errorf("soak: %s %s: got %d", name, mode, httpStatus)
		}
		return err
	}
}

// askOnce sends a request that is not counted, and returns the status.
func askOnce(client *http.Client, method, url, body string) (httpStatus int, err error) {
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// setBackend sets the mode of the backend. When the backend runs again, the gateway is connected to it.
func (s *site) setBackend(mode string) error {
	return s.backend.SetMode(outage.Mode(mode))
}
