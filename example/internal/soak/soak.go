// Package soak sends a great number of requests to gateways, checks each response, and watches memory and goroutines.
// The gateways are those of the control plane and of a service with streams. They are called over the network, in
// process, with options, and through proxies. Clients leave, backends fail and recover, and proxies are restarted.
package soak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"go.uber.org/goleak"
)

// Config is the size of a run.
type Config struct {
	Requests    int // at least; the last visits are completed
	Concurrency int
	Rounds      int    // the number of samples
	Proxy       string // the program before and after a gateway: nginx or haproxy, or empty for proxies in process
}

// Report is the result of a run.
type Report struct {
	Requests int64
	Elapsed  time.Duration // without the time for samples
	Statuses map[int]int64 // the number of responses by status
	Events   []Event
	Samples  []Sample
}

// Run returns an error if a response is wrong, if memory or goroutines grow, or if a goroutine remains.
func Run(ctx context.Context, config Config) (*Report, error) {
	if config.Requests < 1 || config.Concurrency < 1 || config.Rounds < 4 {
		return nil, fmt.Errorf("soak: %+v: want at least one request at a time, and four rounds", config)
	}
	before := goleak.IgnoreCurrent()
	s, err := openSite(config)
	if err != nil {
		return nil, err
	}
	report, err := s.soak(ctx, config)
	if err = errors.Join(err, s.close()); err != nil {
		return report, err
	}
	return report, goleak.Find(before)
}

func (s *site) soak(ctx context.Context, config Config) (*Report, error) {
	report := &Report{}
	for round := range config.Rounds {
		started := time.Now()
		target := int64(config.Requests) * int64(round+1) / int64(config.Rounds)
		var visitors sync.WaitGroup
		for i := range config.Concurrency {
			visitors.Go(func() { s.visit(ctx, rand.New(rand.NewPCG(uint64(round), uint64(i))), target) })
		}
		visitors.Wait()
		err := errors.Join(s.outages.calm(), s.strict.compare(), s.extended.compare())
		report.Elapsed += time.Since(started)
		report.Samples = append(report.Samples, s.sample())
		s.tally.fill(report)
		if err = errors.Join(err, s.tally.failed(), ctx.Err()); err != nil {
			return report, err
		}
	}
	return report, flat(report.Samples)
}

// visit sends requests until their number is target, or a check has failed.
func (s *site) visit(ctx context.Context, random *rand.Rand, target int64) {
	v := &visitor{site: s, ctx: ctx, random: random}
	for s.tally.requests.Load() < target && !s.tally.broken.Load() && ctx.Err() == nil {
		at := random.IntN(weights)
		for _, kind := range visits {
			if at -= kind.weight; at < 0 {
				kind.visit(v)
				break
			}
		}
	}
}

// Print writes the report.
func (r *Report) Print(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%d requests in %v, %.0f a second\n",
		r.Requests, r.Elapsed.Round(time.Millisecond), float64(r.Requests)/r.Elapsed.Seconds())
	for _, event := range r.Events {
		_, e := fmt.Fprintf(w, "%8d %s\n", event.Count, event.Name)
		err = errors.Join(err, e)
	}
	for _, httpStatus := range sortedKeys(r.Statuses) {
		_, e := fmt.Fprintf(w, "%8d responses with %d\n", r.Statuses[httpStatus], httpStatus)
		err = errors.Join(err, e)
	}
	for i := 0; i < len(r.Samples); i += max(1, len(r.Samples)/20) {
		_, e := fmt.Fprintf(w, "%v\n", r.Samples[i])
		err = errors.Join(err, e)
	}
	return err
}
