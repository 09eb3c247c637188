package explorer

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/statusbridge/statusbridge/example/internal/walkthrough"
)

// comparison is what the page shows of one step.
type comparison struct {
	Why    string   `json:"why"`
	Bridge exchange `json:"bridge"`
	Stock  exchange `json:"stock"`
	// Shell is the step for a shell, since a reader need not believe a page.
	Shell string `json:"shell"`
}

// patience bounds each part of a step. The slowest of them waits for the time-out of the control plane.
const patience = 30 * time.Second

func (e *explorer) compare(ctx context.Context, addr string, step walkthrough.Step) (comparison, error) {
	c := comparison{Why: step.Why}
	var err error
	if c.Bridge, err = play(ctx, addr, "", step); err != nil {
		return c, err
	}
	if c.Stock, err = play(ctx, addr, e.stock, step); err != nil {
		return c, err
	}
	var shell strings.Builder
	err = walkthrough.Print(&shell, "http://"+addr, step)
	c.Shell = shell.String()
	return c, err
}

// play makes a step of the control plane at addr, its request below prefix. A caller who goes ends the request, but
// neither what prepares it nor what undoes that: a preparation that is broken off could not be undone.
func play(ctx context.Context, addr, prefix string, step walkthrough.Step) (exchange, error) {
	url := "http://" + addr
	preparing, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	values, err := step.Prepare(preparing, url)
	var made exchange
	if err == nil {
		made, err = makeExchange(ctx, addr, prefix, step, values)
	}
	undoing, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	return made, errors.Join(err, step.Undo(undoing, url, values))
}

func makeExchange(
	ctx context.Context, addr, prefix string, step walkthrough.Step, values walkthrough.Values,
) (exchange, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := step.Request.With(values).HTTP(ctx, "http://"+addr+prefix)
	if err != nil {
		return exchange{}, err
	}
	request.Header.Set("User-Agent", "statusbridge-explorer")
	return record(ctx, addr, request, step.Status)
}
