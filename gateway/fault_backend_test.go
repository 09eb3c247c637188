package gateway_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	codepb "google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/probe"
)

// backend stands a real gRPC server, which does the same for a unary call as for a stream, after as many messages.
func backend(messages int, behave probe.Behaviour) func(*testing.T, bool) upstream {
	return func(t *testing.T, secure bool) upstream {
		t.Helper()
		service := &probe.Service{}
		service.Behave(behave)
		service.BehaveStream(func(ctx context.Context, send func() error) error {
			for range messages {
				if err := send(); err != nil {
					return err
				}
			}
			return behave(ctx)
		})
		if !secure {
			return upstream{probe.Serve(t, service), insecure.NewCredentials()}
		}
		authority, server := trusted(t)
		return upstream{probe.Serve(t, service, grpc.Creds(credentials.NewTLS(server))), authority.Credentials()}
	}
}

// replies are the forms in which a server sends a status: alone, with metadata beside it, and behind a header.
var replies = []struct {
	name     string
	messages int
	behave   func(error) probe.Behaviour
}{
	{"alone", 0, fails},
	{"with header metadata", 0, func(err error) probe.Behaviour {
		return sets(metadata.Pairs("request-id", "r-1"), nil, err)
	}},
	{"with trailer metadata", 0, func(err error) probe.Behaviour {
		return sets(nil, metadata.Pairs("request-id", "r-1"), err)
	}},
	{"behind a header", 0, func(err error) probe.Behaviour {
		return func(ctx context.Context) error {
			if e := grpc.SendHeader(ctx, nil); e != nil {
				return e
			}
			return err
		}
	}},
	{"behind a header with trailer metadata", 0, func(err error) probe.Behaviour {
		return func(ctx context.Context) error {
			if e := grpc.SendHeader(ctx, metadata.Pairs("request-id", "r-1")); e != nil {
				return e
			}
			if e := grpc.SetTrailer(ctx, metadata.Pairs("sum", "7")); e != nil {
				return e
			}
			return err
		}
	}},
	{"behind a message", 1, fails},
}

// fromBackend are the incidents in which a real backend answers with a status, in each form.
func fromBackend(name string, code codes.Code, text string) []incident {
	answer := codeAnswers[codepb.Code(code)]
	message := ""
	if answer.status < 500 {
		message = text
	}
	var incidents []incident
	for _, form := range replies {
		i := incident{
			name: name + " " + form.name, stand: backend(form.messages, form.behave(status.Error(code, text))),
			status: answer.status, message: message, origin: gateway.OriginBackend, text: text, stock: answer.stock,
		}
		if form.messages > 0 {
			i.only, i.late = stream, true
		}
		incidents = append(incidents, i)
	}
	return incidents
}

// TestFaultControl has a backend answer with each code. No fault is in it, and the table decides.
func TestFaultControl(t *testing.T) {
	var incidents []incident
	for code := range codeAnswers {
		incidents = append(incidents, fromBackend(code.String(), codes.Code(code), marker)...)
	}
	runIncidents(t, incidents)
}

// clientTexts are what grpc-go's client says of failures of its own making. A backend that is itself a client of others
// passes such a status on, and then it is the backend's.
var clientTexts = []struct {
	code codes.Code
	text string
}{
	{codes.Internal, "grpc: failed to unmarshal the received message: proto: cannot parse invalid wire-format data"},
	{codes.Internal, "stream terminated by RST_STREAM with error code: INTERNAL_ERROR"},
	{codes.Internal, "server closed the stream without sending trailers"},
	{codes.Internal, "peer header list size exceeded limit"},
	{codes.Internal, "cardinality violation: received no response message from non-server-streaming RPC"},
	{codes.Internal, `grpc: Decompressor is not installed for grpc-encoding "lz4"`},
	{codes.Unknown, `transport: malformed grpc-status: strconv.ParseInt: parsing "x": invalid syntax`},
	{codes.Unknown, `unexpected HTTP status code received from server: 200 (OK); transport: received unexpected content-type "text/html"`},
	{codes.Unauthenticated, `unexpected HTTP status code received from server: 401 (Unauthorized); transport: received unexpected content-type "text/html"`},
	{codes.Unauthenticated, "transport: per-RPC creds failed due to error: no token"},
	{codes.PermissionDenied, "stream terminated by RST_STREAM with error code: INADEQUATE_SECURITY"},
	{codes.Unimplemented, `unexpected HTTP status code received from server: 404 (Not Found); transport: received unexpected content-type "text/html"`},
	{codes.ResourceExhausted, "grpc: received message larger than max (5 vs. 4)"},
	{codes.ResourceExhausted, "trying to send message larger than max (5 vs. 4)"},
	{codes.ResourceExhausted, "stream terminated by RST_STREAM with error code: ENHANCE_YOUR_CALM"},
	{codes.Unavailable, "unexpected HTTP status code received from server: 502 (Bad Gateway)"},
	{codes.Unavailable, "unexpected HTTP status code received from server: 504 (Gateway Timeout)"},
	{codes.Unavailable, `connection error: desc = "transport: Error while dialing: dial tcp 192.0.2.1:1: connect: connection refused"`},
	{codes.Unavailable, "stream terminated by RST_STREAM with error code: REFUSED_STREAM"},
	{codes.Canceled, "grpc: the client connection is closing"},
	{codes.Canceled, "stream terminated by RST_STREAM with error code: CANCEL"},
	{codes.DeadlineExceeded, "context deadline exceeded"},
	{codes.Canceled, "context canceled"},
}

// TestFaultMimicry has a backend answer with what grpc-go's client says of its own failures.
func TestFaultMimicry(t *testing.T) {
	var incidents []incident
	for _, c := range clientTexts {
		head, _, _ := strings.Cut(c.text, ":")
		incidents = append(incidents, fromBackend(fmt.Sprint(c.code, " ", head, " ", len(incidents)), c.code, c.text)...)
	}
	runIncidents(t, incidents)
}
