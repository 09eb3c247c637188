package forward

import (
	"context"
	"net/http"
	"testing"

	"github.com/statusbridge/statusbridge/openapi/conformance/testdata/forward/generated"
)

func init() {
	clients["openapi-generator"] = func(_ *testing.T, url string, client *http.Client) caller {
		configuration := generated.NewConfiguration()
		configuration.Servers = generated.ServerConfigurations{{URL: url}}
		configuration.HTTPClient = client
		return generatorClient{generated.NewAPIClient(configuration)}
	}
}

// generatorClient passes every response and error to Forward.
type generatorClient struct{ api *generated.APIClient }

func (c generatorClient) getProject(ctx context.Context, id string) error {
	_, err := readProject(ctx, c.api, id)
	return err
}

func (c generatorClient) listProjects(ctx context.Context, limit int32, filterBy ...string) error {
	request := c.api.ProjectsServiceAPI.ProjectsServiceListProjects(ctx).Limit(limit)
	if len(filterBy) > 0 {
		request = request.FilterBy(filterBy)
	}
	_, answer, err := request.Execute()
	return Forward(answer, err)
}

func (c generatorClient) createProject(ctx context.Context, name string) error {
	body := *generated.NewProjectsServiceCreateProjectRequest(clusterID, name)
	_, answer, err := c.api.ProjectsServiceAPI.ProjectsServiceCreateProject(ctx).
		ProjectsServiceCreateProjectRequest(body).Execute()
	return Forward(answer, err)
}
