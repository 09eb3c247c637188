package explorer

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/statusbridge/statusbridge/example/internal/outage"
	"github.com/statusbridge/statusbridge/example/internal/walkthrough"
	"github.com/statusbridge/statusbridge/mapping"
)

// maxOwn limits the size of a request that the user wrote.
const maxOwn = 64 << 10

// own is a request that the user wrote. Path, Token and Body may contain the variables of the tour.
type own struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Token  string `json:"token"`
	Body   string `json:"body"`
	// Backend is the mode of the backends during the request.
	Backend outage.Mode `json:"backend"`
}

// ownMethods lists the methods that the form offers.
var ownMethods = []string{
	http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

// readOwn reads a request of the user as a step that documents no status.
func readOwn(body io.Reader) (walkthrough.Step, error) {
	var o own
	if err := json.NewDecoder(body).Decode(&o); err != nil {
		return walkthrough.Step{}, mapping.Errorf(http.StatusBadRequest, "the body is not a request: %w", err)
	}
	mode, err := outage.ParseMode(string(o.Backend))
	if err != nil {
		return walkthrough.Step{}, mapping.Errorf(http.StatusBadRequest, "backend: %v", err)
	}
	switch {
	case !slices.Contains(ownMethods, o.Method):
		return walkthrough.Step{}, mapping.Errorf(http.StatusBadRequest, "method: must be one of %s",
			strings.Join(ownMethods, ", "))
	case !strings.HasPrefix(o.Path, "/api/"):
		return walkthrough.Step{}, mapping.Errorf(http.StatusBadRequest, "path: must begin with /api/")
	case !validPath(o.Path):
		return walkthrough.Step{}, mapping.Errorf(http.StatusBadRequest, "path: is not a valid URL path")
	case !slices.Contains([]string{"", walkthrough.Administrator, walkthrough.Viewer}, o.Token):
		return walkthrough.Step{}, mapping.Errorf(http.StatusBadRequest, "token: must be %s, %s or empty",
			walkthrough.Administrator, walkthrough.Viewer)
	}
	return walkthrough.Own(walkthrough.Request{Method: o.Method, Path: o.Path, Token: o.Token, Body: o.Body}, mode), nil
}

func validPath(path string) bool {
	_, err := url.ParseRequestURI(path)
	return err == nil
}
