package explorer

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/statusbridge/statusbridge/example/internal/walkthrough"
	"github.com/statusbridge/statusbridge/mapping"
)

// comparison is one request and the responses of both gateways.
type comparison struct {
	// Meaning is the documented sentence of the status. It is empty for a request of the user.
	Meaning string `json:"meaning"`
	Why     string `json:"why"`
	// Form is the request with variables, for the form.
	Form    own      `json:"form"`
	With    exchange `json:"with"`
	Without exchange `json:"without"`
	// Shell is the same request as commands for a shell.
	Shell string `json:"shell"`
}

// stepTimeout limits each part of a step. The slowest part waits for the control plane's deadline.
const stepTimeout = 30 * time.Second

// compare sends the request of a step to both gateways of the control plane at addr.
func (e *explorer) compare(ctx context.Context, addr string, step walkthrough.Step) (comparison, error) {
	r := step.Request
	c := comparison{
		Meaning: meaning(step.Status), Why: step.Why,
		Form: own{Method: r.Method, Path: r.Path, Token: r.Token, Body: r.Body},
	}
	var err error
	if c.With, err = e.play(ctx, addr, "", step); err != nil {
		return c, err
	}
	if c.Without, err = e.play(ctx, addr, e.without, step); err != nil {
		return c, err
	}
	var shell strings.Builder
	err = walkthrough.Print(&shell, "http://"+addr, step)
	c.Shell = shell.String()
	return c, err
}

func meaning(status int) string {
	for _, row := range mapping.Rows() {
		if row.HTTPStatus == status {
			return row.Meaning
		}
	}
	return ""
}

// play prepares a step, sends its request below prefix, and undoes the preparation. If the caller leaves, only the
// request ends: a preparation that stopped half-way could not be undone.
func (e *explorer) play(ctx context.Context, addr, prefix string, step walkthrough.Step) (exchange, error) {
	url := "http://" + addr
	preparing, cancel := context.WithTimeout(context.WithoutCancel(ctx), stepTimeout)
	defer cancel()
	values, err := step.Prepare(preparing, url)
	var sent exchange
	if err == nil {
		sent, err = e.send(ctx, addr, prefix, step, values)
	}
	undoing, cancel := context.WithTimeout(context.WithoutCancel(ctx), stepTimeout)
	defer cancel()
	undone := step.Undo(undoing, url, values)
	if step.Status == 0 {
		undone = nil // the user's request may have deleted the resources
	}
	return sent, errors.Join(err, undone)
}

func (e *explorer) send(
	ctx context.Context, addr, prefix string, step walkthrough.Step, values walkthrough.Values,
) (exchange, error) {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	request, err := step.Request.With(values).HTTP(ctx, "http://"+addr+prefix)
	if err != nil {
		return exchange{}, err
	}
	request.Header.Set("User-Agent", "") // omits the header
	return record(ctx, addr, request, step.Status, e.trace)
}
