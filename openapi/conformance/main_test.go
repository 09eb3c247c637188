// Package conformance tests the documents of the plugin against gateways, validators and generators of clients. It has
// heavy dependencies, so it is a separate module.
package conformance_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/statusbridge/statusbridge/openapi/internal/plugintest"
)

// programs is a directory with the generators.
var programs plugintest.Programs

func TestMain(m *testing.M) {
	var err error
	if programs, err = plugintest.Built(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	m.Run()
}

// validate reads a document with kin-openapi.
func validate(t *testing.T, document string) *openapi3.T {
	t.Helper()
	read, err := openapi3.NewLoader().LoadFromData([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	if err := read.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	return read
}
