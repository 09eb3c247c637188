package plugin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"
)

// The programs of grpc-gateway, whose packages cannot be imported.
const (
	generator = "protoc-gen-openapiv3"
	merger    = "openapiv3-merge"
)

// generateOpenAPIv3 runs protoc-gen-openapiv3 on a request, without the error responses that grpc-gateway alone would
// give.
func generateOpenAPIv3(
	ctx context.Context, request *pluginpb.CodeGeneratorRequest, parameter []string,
) (*pluginpb.CodeGeneratorResponse, error) {
	marked := markMethods(request)
	marked.Parameter = proto.String(strings.Join(append([]string{"disable_default_errors=true"}, parameter...), ","))
	input, err := proto.Marshal(marked)
	if err != nil {
		return nil, err
	}
	output, err := run(ctx, input, generator)
	if err != nil {
		return nil, err
	}
	response := &pluginpb.CodeGeneratorResponse{}
	if err := proto.Unmarshal(output, response); err != nil {
		return nil, fmt.Errorf("%s: its answer: %w", generator, err)
	}
	if response.Error != nil {
		return nil, fmt.Errorf("%s: %s", generator, response.GetError())
	}
	return response, nil
}

// mergeOpenAPIv3 runs openapiv3-merge on documents.
func mergeOpenAPIv3(ctx context.Context, parts []*pluginpb.CodeGeneratorResponse_File) ([]byte, error) {
	if len(parts) == 1 {
		return []byte(parts[0].GetContent()), nil
	}
	root, err := os.MkdirTemp("", "statusbridge-openapi")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(root) }() // what is left behind there harms nobody
	names := make([]string, len(parts))
	for i, part := range parts {
		names[i] = filepath.Join(root, filepath.FromSlash(part.GetName()))
		if err := os.MkdirAll(filepath.Dir(names[i]), 0o700); err != nil {
			return nil, err
		}
		if err := os.WriteFile(names[i], []byte(part.GetContent()), 0o600); err != nil {
			return nil, err
		}
	}
	return run(ctx, nil, merger, names...)
}

// run returns what a program writes to its output.
func run(ctx context.Context, input []byte, name string, arguments ...string) ([]byte, error) {
	program, err := find(name)
	if err != nil {
		return nil, err
	}
	var said bytes.Buffer
	command := exec.CommandContext(ctx, program, arguments...)
	command.Stdin, command.Stderr = bytes.NewReader(input), &said
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", name, err, bytes.TrimSpace(said.Bytes()))
	}
	return output, nil
}

// find looks beside this plugin first: what was installed together fits together.
func find(name string) (string, error) {
	if self, err := os.Executable(); err == nil {
		if beside, err := exec.LookPath(filepath.Join(filepath.Dir(self), name)); err == nil {
			return beside, nil
		}
	}
	found, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrNotFound) {
		return "", fmt.Errorf("%s is neither beside this plugin nor in PATH: "+
			"go install github.com/grpc-ecosystem/grpc-gateway/v2/%s@latest", name, name)
	}
	return found, err
}
