// Package facade implements a gRPC service that calls the REST API of the control plane. It returns the errors of the
// REST API unchanged, with mapping.FromResponse for responses and mapping.FromError for requests that failed.
package facade

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/structpb"

	facadev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/facade/v1"
	"github.com/statusbridge/statusbridge/mapping"
)

// Service implements the facade with Go's HTTP client.
type Service struct {
	facadev1.UnimplementedFacadeServiceServer

	// URL is the base URL of the REST API.
	URL string
	// Client sends the requests.
	Client *http.Client
}

// GetResource implements the service.
func (s *Service) GetResource(
	ctx context.Context, in *facadev1.GetResourceRequest,
) (*facadev1.GetResourceResponse, error) {
	content, err := s.call(ctx, http.MethodGet, in.GetPath(), url.Values{"filterBy": in.GetFilterBy()}, nil)
	return &facadev1.GetResourceResponse{Content: content}, err
}

// CreateResource implements the service.
func (s *Service) CreateResource(
	ctx context.Context, in *facadev1.CreateResourceRequest,
) (*facadev1.CreateResourceResponse, error) {
	content, err := s.call(ctx, http.MethodPost, in.GetPath(), nil, in.GetResource())
	return &facadev1.CreateResourceResponse{Content: content}, err
}

// PatchResource implements the service.
func (s *Service) PatchResource(
	ctx context.Context, in *facadev1.PatchResourceRequest,
) (*facadev1.PatchResourceResponse, error) {
	content, err := s.call(ctx, http.MethodPatch, in.GetPath(), nil, in.GetResource())
	return &facadev1.PatchResourceResponse{Content: content}, err
}

// DeleteResource implements the service.
func (s *Service) DeleteResource(
	ctx context.Context, in *facadev1.DeleteResourceRequest,
) (*facadev1.DeleteResourceResponse, error) {
	content, err := s.call(ctx, http.MethodDelete, in.GetPath(), nil, nil)
	return &facadev1.DeleteResourceResponse{Content: content}, err
}

// call sends a request to the REST API with the token of the caller.
func (s *Service) call(
	ctx context.Context, method, path string, query url.Values, resource *structpb.Struct,
) (*httpbody.HttpBody, error) {
	request, err := s.request(ctx, method, path, query, resource)
	if err != nil {
		return nil, mapping.FromError(err)
	}
	response, err := s.Client.Do(request)
	if err != nil {
		return nil, mapping.FromError(err)
	}
	defer func() { _ = response.Body.Close() }()
	if err := mapping.FromResponse(response); err != nil {
		return nil, err
	}
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, mapping.FromError(err)
	}
	// The status of a success is also that of the REST API. The gateway sends 200 for one that is not documented.
	_ = mapping.SetHTTPStatus(ctx, response.StatusCode)
	return &httpbody.HttpBody{ContentType: response.Header.Get("Content-Type"), Data: content}, nil
}

func (s *Service) request(
	ctx context.Context, method, path string, query url.Values, resource *structpb.Struct,
) (*http.Request, error) {
	var body []byte
	if resource != nil {
		var err error
		if body, err = resource.MarshalJSON(); err != nil {
			return nil, err
		}
	}
	target := s.URL + (&url.URL{Path: "/api/v1/" + path, RawQuery: query.Encode()}).String()
	request, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if resource != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if token := metadata.ValueFromIncomingContext(ctx, "authorization"); len(token) > 0 {
		request.Header.Set("Authorization", strings.Join(token, ", "))
	}
	return request, nil
}
