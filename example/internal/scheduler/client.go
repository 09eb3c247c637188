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

// ErrUnintelligible is what the client reports when something answered that does not speak as the scheduler does.
var ErrUnintelligible = errors.New("scheduler: unintelligible answer")

// maxAnswer is far more than the scheduler ever answers with.
const maxAnswer = 64 << 10

// Client calls the scheduler.
type Client struct {
	addr    func() string
	timeout time.Duration
	http    *http.Client
}

// NewClient returns a client that asks addr for the scheduler's address before each call, and waits for an answer
// as long as timeout. Connections are not kept, so each call meets the scheduler as it is now.
func NewClient(addr func() string, timeout time.Duration) *Client {
	return &Client{
		addr:    addr,
		timeout: timeout,
		http: &http.Client{
			Transport: &http.Transport{DisableKeepAlives: true},
			// The scheduler never redirects, so whatever does is not the scheduler.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Reserve reserves GPUs for a workload, in place of what was reserved for it before.
//
// The error is net/http's own when the scheduler did not answer (refused, timed out, connection lost), and an
// ErrUnintelligible when something else answered.
func (c *Client) Reserve(ctx context.Context, workloadID string, gpus int) error {
	return c.call(ctx, http.MethodPut, workloadID, reservation{GPUs: gpus}, stateReserved)
}

// Release frees what is reserved for a workload. Its errors are those of Reserve.
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
	content, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return err
	}
	var got reservation
	if err := json.Unmarshal(content, &got); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrUnintelligible, response.Status, err)
	}
	if response.StatusCode != http.StatusOK || got.WorkloadID != workloadID || got.State != want {
		return fmt.Errorf("%w: %s: %+v", ErrUnintelligible, response.Status, got)
	}
	return nil
}
