package soak

import (
	"fmt"
	"net/http"
	"sync"

	"github.com/statusbridge/statusbridge/example/internal/outage"
)

// subject is something behind the gateways that fails now and then. Who expects one certain answer of it holds its lock
// for reading, so that it does not change meanwhile; who is there when it changes does not.
type subject struct {
	sync.RWMutex

	mode string
	set  func(mode string) error
}

const running = "running"

// outages has the subjects fail and come back, one at a time and in turn.
type outages struct {
	store, scheduler, workloads, things *subject

	tally *tally
	every int64 // requests from one outage to the next
	turn  chan chan error
	done  chan struct{}
}

// outagesPerRun is how many there are in a long run; in a short one there are fewer.
const (
	outagesPerRun = 400
	minEvery      = 200
)

func startOutages(s *site, config Config) *outages {
	o := &outages{
		store:     &subject{set: s.admin("store")},
		scheduler: &subject{set: s.admin("scheduler")},
		workloads: &subject{set: s.admin("workloads")},
		things:    &subject{set: s.setBackend},
		tally:     s.tally,
		every:     int64(max(minEvery, config.Requests/outagesPerRun)),
		turn:      make(chan chan error, 2*outagesPerRun+2), // never blocks who asks
		done:      make(chan struct{}),
	}
	for _, subject := range []*subject{o.store, o.scheduler, o.workloads, o.things} {
		subject.mode = running
	}
	go o.run()
	return o
}

// counted is told of each request. An outage lasts for an eighth of the time to the next.
func (o *outages) counted(n int64) {
	if n%o.every == 0 || n%o.every == o.every/8 {
		select {
		case o.turn <- nil:
		default:
		}
	}
}

// calm has everything run again.
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
		{o.scheduler, "down"}, {o.workloads, "down"}, {o.things, "down"}, {o.store, "corrupt"}, {o.workloads, "rubbish"},
		{o.things, "down"}, {o.scheduler, "rubbish"}, {o.workloads, "hang"}, {o.things, "down"}, {o.scheduler, "hang"},
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
		o.tally.switches.Add(1)
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

// admin sets what the control plane depends on, as anybody does who tries it out.
func (s *site) admin(name string) func(mode string) error {
	return func(mode string) error {
		if name == "store" && mode == running {
			mode = "healthy"
		}
		request, err := http.NewRequest(http.MethodPut, s.plane.URL()+"/admin/"+name+"/"+mode, http.NoBody)
		if err != nil {
			return err
		}
		response, err := s.client.Do(request)
		if err != nil {
			return err
		}
		if err := response.Body.Close(); err != nil {
			return err
		}
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("soak: %s %s: answered %s", name, mode, response.Status)
		}
		return nil
	}
}

// setBackend stops the backend, with its connections, or starts it again and waits until the gateway has found it.
func (s *site) setBackend(mode string) error {
	return s.backend.SetMode(outage.Mode(mode))
}
