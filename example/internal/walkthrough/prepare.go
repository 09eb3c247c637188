package walkthrough

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Prepare makes the control plane at url ready for a step, and returns the values of its variables. The caller must
// call Undo, also after an error.
func (s Step) Prepare(ctx context.Context, url string) (Values, error) {
	values := Values{name: "tour-" + strings.ToLower(rand.Text()[:8])}
	for _, request := range append(opening(s), s.Before...) {
		body, err := succeed(ctx, url, request.With(values))
		if err != nil {
			return values, err
		}
		if !request.keeps() {
			continue
		}
		var members map[string]any
		if err := json.Unmarshal(body, &members); err != nil {
			return values, fmt.Errorf("%s %s: %w", request.Method, request.Path, err)
		}
		value, ok := members[request.Kept.Member].(string)
		if !ok {
			return values, fmt.Errorf("%s %s: %s is missing", request.Method, request.Path, request.Kept.Member)
		}
		values[request.Kept.Variable] = value
	}
	return values, nil
}

// Undo sends the requests of After, even if some of them fail. It skips requests with unknown variables.
func (s Step) Undo(ctx context.Context, url string, values Values) error {
	var failures []error
	for _, request := range s.After {
		if request = request.With(values); request.names("$") {
			continue
		}
		if _, err := succeed(ctx, url, request); err != nil {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

// maxBody is larger than every response of the tour.
const maxBody = 1 << 20

// succeed sends a request and returns the body of the response. A status other than 2xx is an error.
func succeed(ctx context.Context, url string, r Request) ([]byte, error) {
	request, err := r.HTTP(ctx, url)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.Method, r.Path, err)
	}
	if response.StatusCode/100 != 2 {
		return nil, fmt.Errorf("%s %s: %s: %s", r.Method, r.Path, response.Status, body)
	}
	return body, nil
}
