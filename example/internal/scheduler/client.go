package scheduler

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// The states of a reservation.
const (
	stateReserved = "reserved"
	stateReleased = "released"
)

// ErrInvalidResponse is the error of a response that the scheduler does not send.
var ErrInvalidResponse = errors.New("scheduler: invalid response")

// maxBody is larger than every response of the scheduler.
const maxBody = 64 << 10

// Client calls the scheduler.
type Client struct {
	addr    func() string
	timeout time.Duration
	http    *http.Client
}

// NewClient returns a client that calls addr for the scheduler's address before each request, and waits for the
// response as long as timeout. Each request uses a new connection, so that it meets the current mode of the scheduler.
func NewClient(addr func() string, timeout time.Duration) *Client {
	return &Client{
		addr:    addr,
		timeout: timeout,
		http: &http.Client{
			Transport: &http.Transport{DisableKeepAlives: true},
			// The scheduler never sends a redirect.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Reserve reserves GPUs for a workload, and replaces its earlier reservation.
//
// It returns an error of net/http if the scheduler does not respond, and ErrInvalidResponse if another server does.
func (c *Client) Reserve(ctx context.Context, workloadID string, gpus int) error {
	return c.call(ctx, http.MethodPut, workloadID, reservation{GPUs: gpus}, stateReserved)
}

// Release ends the reservation of a workload. Its errors are those of Reserve.
func (c *Client) Release(ctx context.Context, workloadID string) error {
	return c.call(ctx, http.MethodDelete, workloadID, reservation{}, stateReleased)
}

func (c *Client) call(ctx context.Context, method, workloadID string, body reservation, want string) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	url := "http://" + c.addr() + "/reservations/" + workloadID
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(encoded))
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return err
	}
	var got reservation
	if err := json.Unmarshal(content, &got); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrInvalidResponse, response.Status, err)
	}
	if response.StatusCode != http.StatusOK || got.WorkloadID != workloadID || got.State != want {
		return fmt.Errorf("%w: %s: %+v", ErrInvalidResponse, response.Status, got)
	}
	return nil
}
