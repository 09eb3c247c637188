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
	name            string
	header, trailer bool // that metadata comes in them
	messages        int
	behave          func(error) probe.Behaviour
}{
	{"alone", false, true, 0, fails},
	{"with header metadata", true, false, 0, func(err error) probe.Behaviour {
		return sets(metadata.Pairs("request-id", "r-1"), nil, err)
	}},
	{"with trailer metadata", false, true, 0, func(err error) probe.Behaviour {
		return sets(nil, metadata.Pairs("request-id", "r-1"), err)
	}},
	{"behind a header", true, false, 0, func(err error) probe.Behaviour {
		return func(ctx context.Context) error {
			if e := grpc.SendHeader(ctx, nil); e != nil {
				return e
			}
			return err
		}
	}},
	{"behind a header with trailer metadata", true, true, 0, func(err error) probe.Behaviour {
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
	{"behind a message", true, false, 1, fails},
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
			i.only, i.late, i.first = stream, true, 1
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

// When grpc-go's client says something of a failure of its own.
type moment int

const (
	beforeHeader moment = iota // of the reply: never of one that has begun
	afterHeader                // never of one that has not
	anytime
)

// clientTexts are what grpc-go's client says of failures of its own making, and what is answered to these. A backend that
// is itself a client of others passes such a status on, and then it is the backend's.
var clientTexts = []struct {
	code   codes.Code
	text   string
	when   moment
	status int
	origin gateway.Origin
}{
	{codes.Internal, "grpc: failed to unmarshal the received message: proto: cannot parse", afterHeader, 502, gateway.OriginUpstream},
	{codes.Internal, `grpc: Decompressor is not installed for grpc-encoding "lz4"`, afterHeader, 502, gateway.OriginUpstream},
	{codes.Internal, "unexpected EOF", afterHeader, 502, gateway.OriginUpstream},
	{codes.ResourceExhausted, "grpc: received message larger than max (5 vs. 4)", afterHeader, 502, gateway.OriginUpstream},
	{codes.Internal, "stream terminated by RST_STREAM with error code: INTERNAL_ERROR", anytime, 502, gateway.OriginUpstream},
	{codes.PermissionDenied, "stream terminated by RST_STREAM with error code: INADEQUATE_SECURITY", anytime, 502, gateway.OriginUpstream},
	{codes.ResourceExhausted, "stream terminated by RST_STREAM with error code: ENHANCE_YOUR_CALM", anytime, 502, gateway.OriginUpstream},
	{codes.Unavailable, "stream terminated by RST_STREAM with error code: REFUSED_STREAM", anytime, 502, gateway.OriginUpstream},
	{codes.Canceled, "stream terminated by RST_STREAM with error code: CANCEL", anytime, 502, gateway.OriginUpstream},
	{codes.Internal, "server closed the stream without sending trailers", anytime, 502, gateway.OriginUpstream},
	{codes.Internal, "peer header list size exceeded limit", anytime, 502, gateway.OriginUpstream},
	{codes.Unknown, `transport: malformed grpc-status: strconv.ParseInt: parsing "x": invalid syntax`, anytime, 502, gateway.OriginUpstream},
	{codes.Unavailable, "error reading from server: EOF", anytime, 503, gateway.OriginUpstream},
	{codes.Unknown, "unexpected HTTP status code received from server: 200 (OK)", beforeHeader, 502, gateway.OriginUpstream},
	{codes.Unauthenticated, "unexpected HTTP status code received from server: 401 (Unauthorized)", beforeHeader, 502, gateway.OriginUpstream},
	{codes.Unimplemented, "unexpected HTTP status code received from server: 404 (Not Found)", beforeHeader, 502, gateway.OriginUpstream},
	{codes.Unavailable, "unexpected HTTP status code received from server: 502 (Bad Gateway)", beforeHeader, 502, gateway.OriginUpstream},
	{codes.Unavailable, "unexpected HTTP status code received from server: 504 (Gateway Timeout)", beforeHeader, 504, gateway.OriginUpstream},
	{codes.Unavailable, `connection error: desc = "transport: Error while dialing: dial tcp 192.0.2.1:1"`, beforeHeader, 503, gateway.OriginUpstream},
	{codes.Unauthenticated, "transport: per-RPC creds failed due to error: no token", beforeHeader, 503, gateway.OriginUpstream},
	{codes.ResourceExhausted, "trying to send message larger than max (5 vs. 4)", beforeHeader, 400, gateway.OriginRequest},
}

// TestFaultMimicry has a backend answer with what grpc-go's client says of its own failures. The evidence of DialOptions
// tells the two apart, and without it the metadata, unless the client's failure would have left the same.
func TestFaultMimicry(t *testing.T) {
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
			case !possible:
			case c.when == afterHeader:
				// A message that cannot be read is followed by a trailer as well.
				i.status, i.message, i.origin = made.status, made.message, made.origin
				if trailer {
					i.blind = &blind{only: unary, status: codeAnswers[codepb.Code(c.code)].status, origin: gateway.OriginBackend, why: "trailer metadata"}
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

// TestFaultMimicryOfOwnEnd has a backend answer with what the client says when it ends a call itself, while nothing on
// this side has ended, and with what a stream's client never says.
func TestFaultMimicryOfOwnEnd(t *testing.T) {
	miscounted := fromBackend("no message", codes.Internal, "cardinality violation: received no response message from non-server-streaming RPC")
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

// TestFaultUnexplained has a backend answer Unknown without a text, which is what grpc-go makes of a reply without a
// status. Behind a header, a trailer that holds anything but metadata holds a status.
func TestFaultUnexplained(t *testing.T) {
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
