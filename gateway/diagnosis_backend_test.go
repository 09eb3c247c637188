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
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// backend stands a real gRPC server, which does the same for a unary call as for a stream, after as many messages.
func backend(messages int, behave testkit.Behaviour) func(*testing.T, bool) upstream {
	return func(t *testing.T, secure bool) upstream {
		t.Helper()
		service := &testkit.Service{}
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
			return upstream{testkit.ServeGRPC(t, service), insecure.NewCredentials()}
		}
		authority, server := trusted(t)
		return upstream{testkit.ServeGRPC(t, service, grpc.Creds(credentials.NewTLS(server))), authority.Credentials()}
	}
}

// replies are the forms in which a server sends a status: alone, with metadata, and after a header or a message.
var replies = []struct {
	name            string
	header, trailer bool // that metadata comes in them
	messages        int
	behave          func(error) testkit.Behaviour
}{
	{"alone", false, true, 0, testkit.Fails},
	{"with header metadata", true, false, 0, func(err error) testkit.Behaviour {
		return testkit.Sets(metadata.Pairs("request-id", "r-1"), nil, err)
	}},
	{"with trailer metadata", false, true, 0, func(err error) testkit.Behaviour {
		return testkit.Sets(nil, metadata.Pairs("request-id", "r-1"), err)
	}},
	{"behind a header", true, false, 0, func(err error) testkit.Behaviour {
		return func(ctx context.Context) error {
			if e := grpc.SendHeader(ctx, nil); e != nil {
				return e
			}
			return err
		}
	}},
	{"behind a header with trailer metadata", true, true, 0, func(err error) testkit.Behaviour {
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
	{"behind a message", true, false, 1, testkit.Fails},
}

// fromBackend are the incidents in which a real backend sends a status, in each form.
func fromBackend(name string, code codes.Code, text string) []incident {
	answer := codeStatuses[codepb.Code(code)]
	message := ""
	if answer.status < 500 {
		message = text
	}
	var incidents []incident
	for n, form := range replies {
		i := incident{
			name: name + " " + form.name, start: backend(form.messages, form.behave(status.Error(code, text))),
			status: answer.status, message: message, origin: gateway.OriginBackend, text: text, without: answer.without,
			plain: n > 0,
		}
		if form.messages > 0 {
			i.only, i.late, i.first = stream, true, 1
		}
		incidents = append(incidents, i)
	}
	return incidents
}

// TestDiagnosisOfBackendStatuses has a backend send each code in each form. The status table decides.
func TestDiagnosisOfBackendStatuses(t *testing.T) {
	t.Parallel()
	var incidents []incident
	for code := range codeStatuses {
		incidents = append(incidents, fromBackend(code.String(), codes.Code(code), marker)...)
	}
	runIncidents(t, incidents)
}

// moment says when grpc-go's client reports a failure of its connection.
type moment int

const (
	beforeHeader moment = iota // of the reply: never of one that has begun
	afterHeader                // never of one that has not
	anytime
)

// clientTexts are the texts of failures that grpc-go's client finds, and the response to each. A backend that is a
// client of other services may pass such a status on, and then it is the backend's.
var clientTexts = []struct {
	code   codes.Code
	text   string
	when   moment
	status int
	origin gateway.Origin
}{
	{codes.Internal, "grpc: failed to unmarshal the received message: proto: cannot parse", afterHeader, 502,
		gateway.OriginUpstream},
	{codes.Internal, `grpc: Decompressor is not installed for grpc-encoding "lz4"`, afterHeader, 502,
		gateway.OriginUpstream},
	{codes.Internal, "unexpected EOF", afterHeader, 502, gateway.OriginUpstream},
	{codes.ResourceExhausted, "grpc: received message larger than max (5 vs. 4)", afterHeader, 502,
		gateway.OriginUpstream},
	{codes.Internal, "stream terminated by RST_STREAM with error code: INTERNAL_ERROR", anytime, 502,
		gateway.OriginUpstream},
	{codes.PermissionDenied, "stream terminated by RST_STREAM with error code: INADEQUATE_SECURITY", anytime, 502,
		gateway.OriginUpstream},
	{codes.ResourceExhausted, "stream terminated by RST_STREAM with error code: ENHANCE_YOUR_CALM", anytime, 502,
		gateway.OriginUpstream},
	{codes.Unavailable, "stream terminated by RST_STREAM with error code: REFUSED_STREAM", anytime, 502,
		gateway.OriginUpstream},
	{codes.Canceled, "stream terminated by RST_STREAM with error code: CANCEL", anytime, 502, gateway.OriginUpstream},
	{codes.Internal, "server closed the stream without sending trailers", anytime, 502, gateway.OriginUpstream},
	{codes.Internal, "peer header list size exceeded limit", anytime, 502, gateway.OriginUpstream},
	{codes.Unknown, `transport: malformed grpc-status: strconv.ParseInt: parsing "x": invalid syntax`, anytime, 502,
		gateway.OriginUpstream},
	{codes.Unavailable, "error reading from server: EOF", anytime, 503, gateway.OriginUpstream},
	{codes.Unknown, "unexpected HTTP status code received from server: 200 (OK)", beforeHeader, 502,
		gateway.OriginUpstream},
	{codes.Unauthenticated, "unexpected HTTP status code received from server: 401 (Unauthorized)", beforeHeader, 502,
		gateway.OriginUpstream},
	{codes.Unimplemented, "unexpected HTTP status code received from server: 404 (Not Found)", beforeHeader, 502,
		gateway.OriginUpstream},
	{codes.Unavailable, "unexpected HTTP status code received from server: 502 (Bad Gateway)", beforeHeader, 502,
		gateway.OriginUpstream},
	{codes.Unavailable, "unexpected HTTP status code received from server: 504 (Gateway Timeout)", beforeHeader, 504,
		gateway.OriginUpstream},
	{codes.Unavailable, `connection error: desc = "transport: Error while dialing: dial tcp 192.0.2.1:1"`,
		beforeHeader, 503, gateway.OriginUpstream},
	{codes.Unauthenticated, "transport: per-RPC creds failed due to error: no token", beforeHeader, 503,
		gateway.OriginUpstream},
	{codes.ResourceExhausted, "trying to send message larger than max (5 vs. 4)", beforeHeader, 400,
		gateway.OriginRequest},
}

// TestDiagnosisOfImitatedTexts has a backend send the texts of grpc-go's own failures. DialOptions tell the two
// apart. Without them the metadata does, unless both look the same.
func TestDiagnosisOfImitatedTexts(t *testing.T) {
	t.Parallel()
	var incidents []incident
	for n, c := range clientTexts {
		for form, i := range fromBackend(fmt.Sprintf("%d %v %.30s", n, c.code, c.text), c.code, c.text) {
			made := blind{status: c.status, origin: c.origin, why: "the client's own failure leaves the same metadata"}
			if c.status < 500 {
				made.message = anyMessage
			}
			header, trailer := replies[form].header, replies[form].trailer
			const requestSize = "grpc: received message larger than max"
			switch possible := c.when == anytime || (c.when == afterHeader) == header; {
			case !header && strings.HasPrefix(c.text, requestSize):
				made.status, made.message, made.origin = 400, anyMessage, gateway.OriginRequest
				made.why = "a server refuses a large request with the same text"
				i.blind = &made
			case header && !trailer && strings.HasSuffix(c.text, "INADEQUATE_SECURITY"):
				// A trailer without metadata can follow a reset, and no caller is blamed for a reset.
				i.status, i.message, i.origin = made.status, made.message, made.origin
			case !possible:
			case c.when == afterHeader:
				// A message that cannot be read is followed by a trailer as well.
				i.status, i.message, i.origin = made.status, made.message, made.origin
				if trailer {
					i.blind = &blind{only: unary, status: codeStatuses[codepb.Code(c.code)].status,
						origin: gateway.OriginBackend, why: "trailer metadata"}
				}
			case trailer:
				made.only = stream // a unary call's trailer metadata says that it is the backend's
				i.blind = &made
			default:
				i.blind = &made
			}
			incidents = append(incidents, i)
		}
	}
	runIncidents(t, incidents)
}

// TestDiagnosisOfImitatedEnds has a backend send what the client says when it ends a call itself.
func TestDiagnosisOfImitatedEnds(t *testing.T) {
	t.Parallel()
	miscounted := fromBackend("no message", codes.Internal,
		"cardinality violation: received no response message from non-server-streaming RPC")
	for n := range miscounted {
		miscounted[n].only = stream
	}
	runIncidents(t, concat(
		fromBackend("closing", codes.Canceled, "grpc: the client connection is closing"),
		fromBackend("cancelled", codes.Canceled, "context canceled"),
		fromBackend("too late", codes.DeadlineExceeded, "context deadline exceeded"),
		miscounted,
	))
}

// TestDiagnosisOfEmptyUnknown has a backend send Unknown without a text, which grpc-go also makes of a reply without
// a status.
func TestDiagnosisOfEmptyUnknown(t *testing.T) {
	t.Parallel()
	incidents := fromBackend("unexplained", codes.Unknown, "")
	for form := range incidents {
		i := &incidents[form]
		if replies[form].header && !replies[form].trailer {
			i.blind = &blind{status: 502, origin: gateway.OriginUpstream, why: "the trailer is not seen"}
		} else {
			i.status, i.origin = 502, gateway.OriginUpstream
		}
	}
	runIncidents(t, incidents)
}
