// Package forward reads the errors of generated clients. The tests of its parent generate the clients, and the function
// Forward of the README.
package forward

import (
	"context"
	"net/http"

	"github.com/statusbridge/statusbridge/mapping"
	"github.com/statusbridge/statusbridge/openapi/conformance/testdata/forward/oapi"
)

// docs: body

// getProject calls a client of oapi-codegen. Its responses contain the body, which was read and closed.
func getProject(ctx context.Context, api *oapi.ClientWithResponses, id string) (*oapi.ControlplaneV1Project, error) {
	response, err := api.ProjectsServiceGetProjectWithResponse(ctx, id)
	if err != nil {
		return nil, mapping.FromError(err)
	}
	err = mapping.FromHTTP(response.StatusCode(), response.HTTPResponse.Header, response.Body)
	return response.JSON200, err
}

// docs: end

// docs: doer

// doer returns an error for every response that is not a 2xx. Pass it to oapi.WithHTTPClient.
type doer struct{ client *http.Client }

func (d doer) Do(request *http.Request) (*http.Response, error) {
	response, err := d.client.Do(request)
	if failed := Forward(response, err); failed != nil {
		if response != nil {
			_ = response.Body.Close()
		}
		return nil, failed
	}
	return response, nil
}

// docs: end
