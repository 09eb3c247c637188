// Package service implements the gRPC services of the control plane. Expected errors are made with package mapping, so
// that clients of the REST API read their exact status and message.
package service

import (
	"errors"
	"net/http"

	"github.com/statusbridge/statusbridge/example/internal/scheduler"
	"github.com/statusbridge/statusbridge/example/internal/store"
	"github.com/statusbridge/statusbridge/mapping"
)

// storeFailure maps an error of the store to a status. An unexpected error is returned unchanged: clients read a 500
// without its text.
func storeFailure(err error) error {
	if conflict := (*store.ConflictError)(nil); errors.As(err, &conflict) {
		failure := mapping.Errorf(http.StatusConflict, "%s", conflict.Text)
		failure.Details = conflict.Details
		return failure
	}
	if errors.Is(err, store.ErrNotFound) {
		return mapping.Errorf(http.StatusNotFound, "%v", err)
	}
	return err
}

// schedulerFailure maps an error of the scheduler's client to 502, 503 or 504.
func schedulerFailure(err error) error {
	if errors.Is(err, scheduler.ErrInvalidResponse) {
		return mapping.Errorf(http.StatusBadGateway, "the scheduler sent an invalid response: %w", err)
	}
	if mapping.FromError(err).HTTPStatus == http.StatusGatewayTimeout {
		return mapping.Errorf(http.StatusGatewayTimeout, "the scheduler did not respond in time: %w", err)
	}
	return mapping.Errorf(http.StatusServiceUnavailable, "the scheduler cannot be reached: %w", err)
}

// unsupported returns the error of a published feature that this control plane does not have.
func unsupported(feature string) error {
	return mapping.Errorf(http.StatusNotImplemented, "%s: this control plane does not support it", feature)
}
