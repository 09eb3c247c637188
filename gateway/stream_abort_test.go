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
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

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
	byOption := []gateway.Option{gateway.WithStreamAbort()}
	none := func(*runtime.ServeMux) {}
	for _, c := range []struct {
		name    string
		call    call
		options []gateway.Option
		own     runtime.ServeMuxOption
		message string // what one message looks like
		abort   bool
	}{
		{"download", export, nil, none, "PK", true},
		{"download by option", export, byOption, none, "PK", true},
		{"watch by option", watch, byOption, none, `{"result":{"sequence":1}}`, true},
		{"watch", watch, nil, none, `{"result":{"sequence":1}}`, false},
		{"both ways by option", routes[6].call, byOption, none, `{"result":{"line":"a"}}`, true},
		{"both ways", routes[6].call, nil, none, `{"result":{"line":"a"}}`, false},
		{"watch as a download", watch, nil, runtime.WithForwardResponseRewriter(asDownload),
			"PK", true},
		{"download as messages", export, nil, runtime.WithForwardResponseRewriter(asMessage),
			`{"result":{"code":0,"message":"","details":[]}}`, false},
	} {
		for _, protocol := range testkit.Protocols {
			t.Run(c.name+" "+protocol, func(t *testing.T) {
				service := &testkit.Service{}
				service.BehaveStream(testkit.Sends(1, status.Error(codes.Aborted, "changed")))
				s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service, gateway.New(c.options...).NewServeMux(c.own)))
				response, body := c.call.Follow(t.Context(), t, s)
				got, err := io.ReadAll(body)
				message, rest, _ := strings.Cut(string(got), "\n")
				if response.StatusCode != http.StatusOK || strings.ReplaceAll(message, " ", "") != c.message {
					t.Fatalf("answered %d %q", response.StatusCode, got)
				}
				if !c.abort {
					testkit.WantChunk(t, rest, testkit.ErrorBody{Code: 409, Message: "changed"})
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
	for _, protocol := range testkit.Protocols {
		for _, c := range []call{watch, export, routes[6].call} {
			t.Run(fmt.Sprint(protocol, " ", c.Path), func(t *testing.T) {
				service := &testkit.Service{}
				s := testkit.ServeOver(t, protocol, testkit.Register(t, testkit.Network, service, gateway.New(gateway.WithStreamAbort()).NewServeMux()))
				service.BehaveStream(testkit.Sends(0, testkit.ErrNotFound))
				c.At(t, s).WantError(t, 404, "no such thing", "")
				service.BehaveStream(testkit.Sends(2, nil))
				if r := c.At(t, s); r.Status != 200 || strings.Count(r.Body, "\n") != 2 {
					t.Errorf("answered %d %q", r.Status, r.Body)
				}
			})
		}
	}
}

// TestStreamAbortBaseline records grpc-gateway, which glues the error to the download and ends it cleanly.
func TestStreamAbortBaseline(t *testing.T) {
	service := &testkit.Service{}
	service.BehaveStream(testkit.Sends(1, testkit.ErrNotFound))
	r, err := export.Send(http.DefaultClient, bare(t, testkit.Network, service))
	if err != nil || !strings.HasPrefix(r.Body, "PK\n{") {
		t.Errorf("grpc-gateway answers %q (%v), recorded is text behind the data", r.Body, err)
	}
}

// jsonExport exports bytes that are of the type of messages.
type jsonExport struct{ *testkit.Service }

func (jsonExport) Export(_ *testkitv1.ExportRequest, stream grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	if err := stream.Send(&httpbody.HttpBody{ContentType: "application/json", Data: []byte(`{"a":1}`)}); err != nil {
		return err
	}
	return testkit.ErrNotFound
}

// TestStreamAbortOfJSON cuts a download of JSON like any other: an error behind it would be taken for more of it.
func TestStreamAbortOfJSON(t *testing.T) {
	mux := testkit.Connect(t, testkit.ServeGRPC(t, jsonExport{&testkit.Service{}}), gateway.New().NewServeMux())
	s := testkit.ServeOver(t, "HTTP/1.1", mux)
	response, body := export.Follow(t.Context(), t, s)
	got, err := io.ReadAll(body)
	if response.StatusCode != http.StatusOK || strings.TrimSpace(string(got)) != `{"a":1}` || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("answered %d %q, and ends in %v", response.StatusCode, got, err)
	}
}
