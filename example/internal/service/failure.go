// Package service implements the gRPC services of the control plane. What fails leaves as an error of package
// mapping, so that a client of the REST API reads the status and the text that are meant here.
package service

import (
	"errors"
	"net/http"

	"github.com/statusbridge/statusbridge/example/internal/scheduler"
	"github.com/statusbridge/statusbridge/example/internal/store"
	"github.com/statusbridge/statusbridge/mapping"
)

// storeFailure gives an error of the store its status. What the store does not expect stays the plain error that
// it is: it leaves as 500, and its text stays inside.
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

// schedulerFailure tells the ways apart in which the scheduler can fail: something else answered in its place, it
// did not answer in time, or there was nobody to answer.
func schedulerFailure(err error) error {
	if errors.Is(err, scheduler.ErrUnintelligible) {
		return mapping.Errorf(http.StatusBadGateway, "the scheduler sent an invalid response: %w", err)
	}
	if mapping.FromError(err).HTTPStatus == http.StatusGatewayTimeout {
		return mapping.Errorf(http.StatusGatewayTimeout, "the scheduler did not respond in time: %w", err)
	}
	return mapping.Errorf(http.StatusServiceUnavailable, "the scheduler cannot be reached: %w", err)
}

// unsupported is the answer to what the published API offers and this control plane leaves out.
func unsupported(feature string) error {
	return mapping.Errorf(http.StatusNotImplemented, "%s: this control plane does not support it", feature)
}
