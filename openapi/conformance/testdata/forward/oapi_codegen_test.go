package forward

import (
	"context"
	"net/http"
	"testing"

	"github.com/statusbridge/statusbridge/mapping"
	"github.com/statusbridge/statusbridge/openapi/conformance/testdata/forward/oapi"
)

func init() {
	clients["oapi-codegen"] = func(t *testing.T, url string, client *http.Client) caller {
		return bodyClient{newOAPI(t, url, client)}
	}
	clients["oapi-codegen with a doer"] = func(t *testing.T, url string, client *http.Client) caller {
		return doerClient{newOAPI(t, url, doer{client})}
	}
}

func newOAPI(t *testing.T, url string, client oapi.HttpRequestDoer) *oapi.ClientWithResponses {
	t.Helper()
	api, err := oapi.NewClientWithResponses(url, oapi.WithHTTPClient(client))
	if err != nil {
		t.Fatal(err)
	}
	return api
}

func projectBody(name string) oapi.ProjectsServiceCreateProjectJSONRequestBody {
	return oapi.ProjectsServiceCreateProjectJSONRequestBody{Name: name, ClusterId: clusterID}
}

func listParameters(limit int32, filterBy []string) *oapi.ProjectsServiceListProjectsParams {
	parameters := &oapi.ProjectsServiceListProjectsParams{Limit: &limit}
	if len(filterBy) > 0 {
		parameters.FilterBy = &filterBy
	}
	return parameters
}

// bodyClient reads the body that each response of the client contains.
type bodyClient struct{ api *oapi.ClientWithResponses }

func (c bodyClient) getProject(ctx context.Context, id string) error {
	_, err := getProject(ctx, c.api, id)
	return err
}

func (c bodyClient) listProjects(ctx context.Context, limit int32, filterBy ...string) error {
	answer, err := c.api.ProjectsServiceListProjectsWithResponse(ctx, listParameters(limit, filterBy))
	if err != nil {
		return mapping.FromError(err)
	}
	return mapping.FromHTTP(answer.StatusCode(), answer.HTTPResponse.Header, answer.Body)
}

func (c bodyClient) createProject(ctx context.Context, name string) error {
	answer, err := c.api.ProjectsServiceCreateProjectWithResponse(ctx, projectBody(name))
	if err != nil {
		return mapping.FromError(err)
	}
	return mapping.FromHTTP(answer.StatusCode(), answer.HTTPResponse.Header, answer.Body)
}

// doerClient returns the errors of the doer.
type doerClient struct{ api *oapi.ClientWithResponses }

func (c doerClient) getProject(ctx context.Context, id string) error {
	_, err := c.api.ProjectsServiceGetProjectWithResponse(ctx, id)
	return err
}

func (c doerClient) listProjects(ctx context.Context, limit int32, filterBy ...string) error {
	_, err := c.api.ProjectsServiceListProjectsWithResponse(ctx, listParameters(limit, filterBy))
	return err
}

func (c doerClient) createProject(ctx context.Context, name string) error {
	_, err := c.api.ProjectsServiceCreateProjectWithResponse(ctx, projectBody(name))
	return err
}
