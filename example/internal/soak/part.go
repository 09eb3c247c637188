package soak

import (
	"fmt"
	"math/rand/v2"
	"net"
)

// part is a server of the chain. It keeps its address when it is restarted.
type part struct {
	address   string
	start     start
	stop      func() error // nil while nothing listens at the address
	restarted event
}

// start starts a server. stop ends it at once, and its connections break.
type start func(address string) (stop func() error, err error)

func newPart(restarted event, start start) (*part, error) {
	address, err := freeAddress()
	return &part{address: address, start: start, restarted: restarted}, err
}

// freeAddress returns an address at which nothing listens. Its port is below the ports that operating systems choose
// themselves. Otherwise another program could get the port while the part is away.
func freeAddress() (string, error) {
	const lowest, count, attempts = 10_000, 6_000, 100
	var err error
	for range attempts {
		var listener net.Listener
		address := fmt.Sprintf("127.0.0.1:%d", lowest+rand.IntN(count))
		if listener, err = net.Listen("tcp", address); err == nil {
			return address, listener.Close()
		}
	}
	return "", err
}

func (p *part) begin() (err error) {
	p.stop, err = p.start(p.address)
	return err
}

// end stops the server, if it runs.
func (p *part) end() error {
	if p == nil || p.stop == nil {
		return nil
	}
	stop := p.stop
	p.stop = nil
	return stop()
}

// listening returns the start of a server of this process. It listens as soon as the system has released the address.
func listening(serve func(net.Listener) (stop func())) start {
	return func(address string) (stop func() error, err error) {
		var listener net.Listener
		err = retry(func() (err error) {
			listener, err = net.Listen("tcp", address)
			return err
		})
		if err != nil {
			return nil, err
		}
		end := serve(listener)
		return func() error {
			end()
			return nil
		}, nil
	}
}
