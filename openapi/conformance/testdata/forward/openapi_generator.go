package forward

import (
	"context"

	"github.com/statusbridge/statusbridge/openapi/conformance/testdata/forward/generated"
)

// docs: generator

// readProject calls a client of openapi-generator. It returns a response and an error together.
func readProject(ctx context.Context, api *generated.APIClient, id string) (*generated.ControlplaneV1Project, error) {
	project, response, err := api.ProjectsServiceAPI.ProjectsServiceGetProject(ctx, id).Execute()
	if failed := Forward(response, err); failed != nil {
		return nil, failed
	}
	return project, nil
}

// docs: end
