package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/probe"
	"github.com/statusbridge/statusbridge/internal/probe/probev1"
)

var export = call{path: "/v1/things/1/export"}

// asDownload rewrites the messages of a watch into raw bytes, which grpc-gateway then streams as such.
func asDownload(_ context.Context, message proto.Message) (any, error) {
	if message.ProtoReflect().Descriptor().FullName() == "google.rpc.Status" {
		return message, nil
	}
	return &httpbody.HttpBody{ContentType: "application/zip", Data: []byte("PK")}, nil
}

// asMessage is the other way round: what a service sends as bytes leaves as JSON.
func asMessage(_ context.Context, message proto.Message) (any, error) {
	if _, raw := message.(*httpbody.HttpBody); raw {
		return status.New(codes.OK, "").Proto(), nil
	}
	return message, nil
}

// TestStreamAbort cuts the connection of a stream that fails after its first message: of a download, where text would be
// taken for data, and of any stream by option. What was sent arrives, and nothing behind it.
func TestStreamAbort(t *testing.T) {
	byOption := probe.Bridge(gateway.New(gateway.WithStreamAbort()))
	for _, c := range []struct {
		name    string
		call    call
		options []runtime.ServeMuxOption
		message string // what one message looks like
		abort   bool
	}{
		{"download", export, []runtime.ServeMuxOption{probe.Bridge(gateway.New())}, "PK", true},
		{"download by option", export, []runtime.ServeMuxOption{byOption}, "PK", true},
		{"watch by option", watch, []runtime.ServeMuxOption{byOption}, `{"result":{"sequence":1}}`, true},
		{"watch", watch, []runtime.ServeMuxOption{probe.Bridge(gateway.New())}, `{"result":{"sequence":1}}`, false},
		{"both ways by option", routes[6].call, []runtime.ServeMuxOption{byOption}, `{"result":{"line":"a"}}`, true},
		{"both ways", routes[6].call, []runtime.ServeMuxOption{probe.Bridge(gateway.New())}, `{"result":{"line":"a"}}`, false},
		{"watch as a download", watch, []runtime.ServeMuxOption{probe.Bridge(gateway.New()), runtime.WithForwardResponseRewriter(asDownload)},
			"PK", true},
		{"download as messages", export, []runtime.ServeMuxOption{probe.Bridge(gateway.New()), runtime.WithForwardResponseRewriter(asMessage)},
			`{"result":{"code":0,"message":"","details":[]}}`, false},
	} {
		for protocol := range protocols {
			t.Run(c.name+" "+protocol, func(t *testing.T) {
				service := &probe.Service{}
				service.BehaveStream(sends(1, status.Error(codes.Aborted, "changed")))
				s := serveOver(t, protocol, probe.Mux(t, probe.Network, service, c.options...))
				response, body := c.call.follow(t.Context(), t, s)
				got, err := io.ReadAll(body)
				message, rest, _ := strings.Cut(string(got), "\n")
				if response.StatusCode != http.StatusOK || strings.ReplaceAll(message, " ", "") != c.message {
					t.Fatalf("answered %d %q", response.StatusCode, got)
				}
				if !c.abort {
					wantChunk(t, rest, errorBody{409, "changed", ""})
					return
				}
				if rest != "" {
					t.Errorf("behind the data came %q", rest)
				}
				if protocol == "HTTP/1.1" && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("the stream ends in %v, want an unexpected end", err)
				}
				if protocol == "HTTP/2" && (err == nil || !strings.Contains(err.Error(), "stream error")) {
					t.Errorf("the stream ends in %v, want a stream error", err)
				}
			})
		}
	}
}

// TestStreamAbortBefore is an error before the first message, which is an answer like any other, and a stream that does
// not fail.
func TestStreamAbortBefore(t *testing.T) {
	for protocol := range protocols {
		for _, c := range []call{watch, export, routes[6].call} {
			t.Run(fmt.Sprint(protocol, " ", c.path), func(t *testing.T) {
				service := &probe.Service{}
				s := serveOver(t, protocol, probe.Mux(t, probe.Network, service, probe.Bridge(gateway.New(gateway.WithStreamAbort()))))
				service.BehaveStream(sends(0, errNotFound))
				c.through(t, s.client, s.base).wantError(t, 404, "no such thing", "")
				service.BehaveStream(sends(2, nil))
				if r := c.through(t, s.client, s.base); r.status != 200 || strings.Count(r.body, "\n") != 2 {
					t.Errorf("answered %d %q", r.status, r.body)
				}
			})
		}
	}
}

// TestStreamAbortBaseline records grpc-gateway, which glues the error to the download and ends it cleanly.
func TestStreamAbortBaseline(t *testing.T) {
	service := &probe.Service{}
	service.BehaveStream(sends(1, errNotFound))
	r, err := export.send(http.DefaultClient, bare(t, probe.Network, service))
	if err != nil || !strings.HasPrefix(r.body, "PK\n{") {
		t.Errorf("grpc-gateway answers %q (%v), recorded is text behind the data", r.body, err)
	}
}

// jsonExport exports bytes that are of the type of messages.
type jsonExport struct{ *probe.Service }

func (jsonExport) Export(_ *probev1.ExportRequest, stream grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	if err := stream.Send(&httpbody.HttpBody{ContentType: "application/json", Data: []byte(`{"a":1}`)}); err != nil {
		return err
	}
	return errNotFound
}

// TestStreamAbortOfJSON cuts a download of JSON like any other: an error behind it would be taken for more of it.
func TestStreamAbortOfJSON(t *testing.T) {
	mux := probe.Connect(t, probe.Serve(t, jsonExport{&probe.Service{}}), runtime.NewServeMux(probe.Bridge(gateway.New())))
	s := serveLogging(t, "HTTP/1.1", mux, complaints{t})
	response, body := export.follow(t.Context(), t, s)
	got, err := io.ReadAll(body)
	if response.StatusCode != http.StatusOK || strings.TrimSpace(string(got)) != `{"a":1}` || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("answered %d %q, and ends in %v", response.StatusCode, got, err)
	}
}
