package plugin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"
)

// generator is a program of grpc-gateway whose packages cannot be imported.
const (
	generator = "protoc-gen-openapiv3"
	module    = "github.com/grpc-ecosystem/grpc-gateway/v2"
)

// generateOpenAPIv3 runs protoc-gen-openapiv3 on a request, without the error responses of grpc-gateway.
func generateOpenAPIv3(
	ctx context.Context, request *pluginpb.CodeGeneratorRequest, parameter []string,
) (*pluginpb.CodeGeneratorResponse, error) {
	request.Parameter = proto.String(strings.Join(append([]string{"disable_default_errors=true"}, parameter...), ","))
	input, err := proto.Marshal(request)
	if err != nil {
		return nil, err
	}
	program, err := find(generator)
	if err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	command := exec.CommandContext(ctx, program)
	command.Stdin, command.Stderr = bytes.NewReader(input), &stderr
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", generator, err, withoutMarks(strings.TrimSpace(stderr.String())))
	}
	response := &pluginpb.CodeGeneratorResponse{}
	if err := proto.Unmarshal(output, response); err != nil {
		return nil, fmt.Errorf("%s: its response: %w", generator, err)
	}
	if response.Error != nil {
		return nil, fmt.Errorf("%s: %s", generator, withoutMarks(response.GetError()))
	}
	return response, nil
}

// find returns the path of a program. It looks beside this plugin first, because programs that were installed together
// have versions that fit.
func find(name string) (string, error) {
	if self, err := os.Executable(); err == nil {
		if beside, err := exec.LookPath(filepath.Join(filepath.Dir(self), name)); err == nil {
			return beside, nil
		}
	}
	found, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrNotFound) {
		return "", fmt.Errorf("%s is neither beside this plugin nor in PATH: go install %s/%s@%s",
			name, module, name, version())
	}
	return found, err
}

// version returns the version of grpc-gateway that this plugin was built with.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dependency := range info.Deps {
			if dependency.Path == module {
				return dependency.Version
			}
		}
	}
	return "latest"
}
