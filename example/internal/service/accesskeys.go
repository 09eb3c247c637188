package service

import (
	"context"
	"errors"
	"net/http"

	controlplanev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/v1"
	"github.com/statusbridge/statusbridge/example/internal/auth"
	"github.com/statusbridge/statusbridge/mapping"
)

// AccessKeys implements AccessKeysService.
type AccessKeys struct {
	controlplanev1.UnimplementedAccessKeysServiceServer

	Keys *auth.Keyring
}

// DeleteAccessKey deletes an access key. Its proto declares the status of a success, 204.
func (s *AccessKeys) DeleteAccessKey(
	_ context.Context, request *controlplanev1.DeleteAccessKeyRequest,
) (*controlplanev1.DeleteAccessKeyResponse, error) {
	id := request.GetAccessKeyId()
	err := s.Keys.Delete(id)
	if errors.Is(err, auth.ErrUnknownKey) {
		return nil, mapping.Errorf(http.StatusNotFound, "access key %q: not found", id)
	}
	if err != nil {
		return nil, err
	}
	return &controlplanev1.DeleteAccessKeyResponse{}, nil
}
