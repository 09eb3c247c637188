// Package soak makes gateways answer a great many requests of every kind, looks at each answer, and watches memory and
// goroutines meanwhile: the example's control plane, and a service with streams beside it, over the network and in
// process. Clients leave, and what is behind the gateways fails and comes back.
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

// Config says how much.
type Config struct {
	Requests    int // a few more may be made: a visit is not broken off
	Concurrency int
	Rounds      int // how often to stop for a sample
}

// Report is what came of it.
type Report struct {
	Requests int64
	Elapsed  time.Duration // without the samples
	Statuses map[int]int64 // answers by status
	Left     int64         // requests whose client left
	Aborted  int64         // downloads that failed, and whose connection ended
	Switches int64         // times that something failed or came back
	Samples  []Sample
}

// Run fails when an answer is not what it should be, when memory or goroutines grow, or when a goroutine is left.
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
		err := s.outages.calm()
		report.Elapsed += time.Since(started)
		report.Samples = append(report.Samples, s.sample())
		s.tally.fill(report)
		if err = errors.Join(err, s.tally.failed(), ctx.Err()); err != nil {
			return report, err
		}
	}
	return report, flat(report.Samples)
}

// visit makes requests until there have been as many as wanted, or one has failed.
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

// Print writes the report for people.
func (r *Report) Print(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%d requests in %v, %.0f a second; %d clients left, %d downloads aborted, %d outages begun or ended\n",
		r.Requests, r.Elapsed.Round(time.Millisecond), float64(r.Requests)/r.Elapsed.Seconds(), r.Left, r.Aborted, r.Switches)
	for _, httpStatus := range sortedKeys(r.Statuses) {
		_, e := fmt.Fprintf(w, "%8d answered %d\n", r.Statuses[httpStatus], httpStatus)
		err = errors.Join(err, e)
	}
	for i := 0; i < len(r.Samples); i += max(1, len(r.Samples)/20) {
		_, e := fmt.Fprintf(w, "%v\n", r.Samples[i])
		err = errors.Join(err, e)
	}
	return err
}
