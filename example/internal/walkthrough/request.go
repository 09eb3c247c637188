package walkthrough

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/statusbridge/statusbridge/example/internal/controlplane"
)

// Request is one request of the tour. Its texts name what is not known beforehand by variables.
type Request struct {
	Method string
	Path   string
	// Token is the bearer token: Administrator, Viewer, or empty for none.
	Token string
	// Body is JSON, or empty.
	Body string
	// Kept is what later requests need of the answer.
	Kept Kept
}

// Kept gives a member of an answer to a variable. Its zero value keeps nothing.
type Kept struct{ Variable, Member string }

// The variables that a token can be, as a shell writes them.
const (
	Administrator = "$TOKEN"
	Viewer        = "$VIEWER"
)

// The other variables: the ids of what was created, and a name that no project has yet.
const (
	projectID   = "$PROJECT"
	workspaceID = "$WORKSPACE"
	name        = "$NAME"
)

// credential is what a token is asked for with.
type credential struct {
	token string
	key   controlplane.DemoKey
}

var credentials = []credential{
	{Administrator, controlplane.DemoAdministrator},
	{Viewer, controlplane.DemoViewer},
}

func (c credential) grant() string {
	return fmt.Sprintf(`{"grantType":"client_credentials","clientId":%q,"clientSecret":%q}`, c.key.ClientID, c.key.Secret)
}

// Values are what variables stand for.
type Values map[string]string

// With returns the request with values in the place of their variables.
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

// open reports whether the request names a variable that has no value yet.
func (r Request) open() bool { return r.names("$") }

func (r Request) names(variable string) bool {
	return strings.Contains(r.Path, variable) || strings.Contains(r.Body, variable) || strings.Contains(r.Token, variable)
}

func (s Step) names(variable string) bool {
	return slices.ContainsFunc(slices.Concat(s.Before, []Request{s.Request}, s.After),
		func(r Request) bool { return r.names(variable) })
}

// HTTP returns the request as net/http makes it of the API at url. All of its variables have values.
func (r Request) HTTP(ctx context.Context, url string) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, r.Method, url+r.Path, strings.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	if r.Token != "" {
		request.Header.Set("Authorization", "Bearer "+r.Token)
	}
	if r.Body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}
