package soak

import (
	"fmt"
	"net/http"
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
	store, scheduler, workloads, things *subject

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
		tally:     s.tally,
		every:     int64(max(minEvery, config.Requests/outagesPerRun)),
		turn:      make(chan chan error, 2*outagesPerRun+2), // sending never blocks
		done:      make(chan struct{}),
	}
	for _, subject := range []*subject{o.store, o.scheduler, o.workloads, o.things} {
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
		{o.scheduler, "down"}, {o.workloads, "down"}, {o.things, "down"}, {o.store, "corrupt"},
		{o.workloads, "rubbish"}, {o.things, "down"}, {o.scheduler, "rubbish"}, {o.workloads, "hang"},
		{o.things, "down"}, {o.scheduler, "hang"},
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

// admin returns a function that sets a mode with the admin route.
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
			return fmt.Errorf("soak: %s %s: got %s", name, mode, response.Status)
		}
		return nil
	}
}

// setBackend sets the mode of the backend. When the backend runs again, the gateway is connected to it.
func (s *site) setBackend(mode string) error {
	return s.backend.SetMode(outage.Mode(mode))
}
