// Package openapi serves the OpenAPI document of the control plane, which `make generate` writes from the protos.
package openapi

import (
	_ "embed"
	"net/http"
)

//go:embed generated/controlplane/v1/openapi.json
var document []byte

// Serve sends the document. It is a runtime.HandlerFunc.
func Serve(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(document) // fails if the client has left
}
