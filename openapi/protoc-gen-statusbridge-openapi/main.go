// Command protoc-gen-statusbridge-openapi is a plugin of protoc and buf. It writes OpenAPI documents for APIs with
// google.api.http rules. It completes the documents of protoc-gen-openapiv3 with the statuses, bodies and headers that
// a gateway with package gateway sends. docs/openapi.md shows how to use it.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/statusbridge/statusbridge/openapi/internal/plugin"
)

const name = "protoc-gen-statusbridge-openapi"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdin, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// run reads a request and writes the response. An error in the protos is a part of the response, as protoc wants it.
// The returned error says that the request could not be read or the response could not be written.
func run(ctx context.Context, in io.Reader, out, warnings io.Writer) error {
	input, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	request := &pluginpb.CodeGeneratorRequest{}
	if err := proto.Unmarshal(input, request); err != nil {
		return fmt.Errorf("the request of protoc or buf: %w", err)
	}
	response, warned, err := plugin.Generate(ctx, request)
	for _, warning := range warned {
		_, _ = fmt.Fprintf(warnings, "%s: %s\n", name, warning)
	}
	if err != nil {
		response = &pluginpb.CodeGeneratorResponse{Error: proto.String(err.Error())}
	}
	output, err := proto.Marshal(response)
	if err != nil {
		return err
	}
	_, err = out.Write(output)
	return err
}
