// Command protoc-gen-statusbridge-openapi is a plugin of protoc and buf. It writes the OpenAPI document of an API behind
// a grpc-gateway with package gateway: what protoc-gen-openapiv3 writes, with the statuses, the bodies and the headers
// that such a gateway answers with. docs/openapi.md says how it is used.
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

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdin, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "protoc-gen-statusbridge-openapi:", err)
		os.Exit(1)
	}
}

// run answers one request. What is wrong with the protos is part of the answer, as protoc wants it; an error here means
// that there was nobody to answer.
func run(ctx context.Context, in io.Reader, out io.Writer) error {
	input, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	request := &pluginpb.CodeGeneratorRequest{}
	if err := proto.Unmarshal(input, request); err != nil {
		return fmt.Errorf("the request of protoc or buf: %w", err)
	}
	response, err := plugin.Generate(ctx, request)
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
