package walkthrough

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/statusbridge/statusbridge/example/internal/controlplane"
)

// Request is one request of the tour. Path, Token and Body may contain variables.
type Request struct {
	Method string
	Path   string
	// Token is the bearer token: Administrator, Viewer or empty.
	Token string
	// Timeout is the Grpc-Timeout header, or empty.
	Timeout string
	// Body is JSON, or empty.
	Body string
	// Kept is the part of the response that later requests need.
	Kept Kept
}

// Kept assigns a member of a response to a variable. Its zero value keeps nothing.
type Kept struct{ Variable, Member string }

// The variables that contain a token, as a shell writes them.
const (
	Administrator = "$TOKEN"
	Viewer        = "$VIEWER"
)

// The other variables: the ids of new resources, and a name that no project has yet.
const (
	projectID   = "$PROJECT"
	workspaceID = "$WORKSPACE"
	name        = "$NAME"
)

// grants lists the requests that grant the tokens.
var grants = []Request{
	grant(Administrator, controlplane.DemoAdministrator),
	grant(Viewer, controlplane.DemoViewer),
}

func grant(token string, key controlplane.DemoKey) Request {
	return Request{
		Method: http.MethodPost, Path: "/api/v1/token", Kept: Kept{token, "accessToken"},
		Body: fmt.Sprintf(`{"grantType":"client_credentials","clientId":%q,"clientSecret":%q}`,
			key.ClientID, key.Secret),
	}
}

// Values holds the values of variables.
type Values map[string]string

// With returns the request with its variables replaced by values.
func (r Request) With(values Values) Request {
	var pairs []string
	for variable, value := range values {
		pairs = append(pairs, variable, value)
	}
	replacer := strings.NewReplacer(pairs...)
	r.Path, r.Token, r.Body = replacer.Replace(r.Path), replacer.Replace(r.Token), replacer.Replace(r.Body)
	return r
}

func (r Request) keeps() bool { return r.Kept != (Kept{}) }

// names reports whether the request contains the variable.
func (r Request) names(variable string) bool {
	return strings.Contains(r.Path+r.Token+r.Body, variable)
}

// names reports whether a request of the step contains the variable.
func (s Step) names(variable string) bool {
	return slices.ContainsFunc(slices.Concat(s.Before, []Request{s.Request}, s.After),
		func(r Request) bool { return r.names(variable) })
}

// HTTP returns the request for the API at url. Its variables must have been replaced.
func (r Request) HTTP(ctx context.Context, url string) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, r.Method, url+r.Path, strings.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	if r.Token != "" {
		request.Header.Set("Authorization", "Bearer "+r.Token)
	}
	if r.Timeout != "" {
		request.Header.Set("Grpc-Timeout", r.Timeout)
	}
	if r.Body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}
