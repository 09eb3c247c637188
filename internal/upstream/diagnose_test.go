package upstream

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	codepb "google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// errorCodes are those of google.rpc.Code, and two that are not defined.
func errorCodes() []codes.Code {
	all := []codes.Code{17, 1001}
	for code := range codepb.Code_name {
		if code != 0 {
			all = append(all, codes.Code(code))
		}
	}
	return all
}

// texts are each pattern's, a service's own, and none.
func texts() []string {
	all := []string{"", ownText}
	for _, p := range patterns {
		all = append(all, strings.NewReplacer("*", "x", "$", "").Replace(p.text))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// allEvidence and lastPlace are the ends of the domains that the tests walk.
const (
	allEvidence = oversized<<1 - 1
	lastPlace   = streamHeader
)

const ownText = "the project is not empty"

// sent is the status that follows from a diagnosis.
func sent(d Diagnosis, code codes.Code) int {
	if d.HTTPStatus != 0 {
		return d.HTTPStatus
	}
	return contract.HTTPStatus(code)
}

var gatewayStatuses = []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}

// isSound reports whether a diagnosis keeps the rules of docs/origin.md.
func isSound(d Diagnosis, code codes.Code) bool {
	httpStatus := sent(d, code)
	switch d.Origin {
	case Upstream:
		return slices.Contains(gatewayStatuses, httpStatus) && d.Message == ""
	case Request:
		return httpStatus == http.StatusBadRequest || d.HTTPStatus == 0
	case Backend, Gateway:
		return d.HTTPStatus == 0 && d.Message == ""
	}
	return false
}

// TestEvidence judges calls with all combinations of evidence, codes and texts.
func TestEvidence(t *testing.T) {
	for _, code := range errorCodes() {
		for _, text := range texts() {
			cause := status.Error(code, text)
			r := contract.Read(cause)
			for seen := range allEvidence + 1 {
				d := Diagnose(&callError{err: cause, seen: seen}, &r, OwnCode(), nil)
				madeHere := seen.has(begun) && !seen.has(trailerSeen) && !seen.has(interrupted)
				reached := seen.has(begun|trailerSeen) && !seen.has(interrupted)
				switch {
				case !isSound(d, code),
					seen.has(interrupted) && d.Origin != Gateway,
					// The client never makes a status of the service, and a service may write any text.
					madeHere && d.Origin == Backend,
					reached && text == ownText && d.Origin != Backend,
					// A text that a service relays does not count, unless a message may have been lost.
					reached && strings.Contains(text,
						"RST_STREAM") && code != codes.PermissionDenied && d.Origin != Backend,
					madeHere && seen.has(overdue) && !seen.has(headerSeen) && d.Origin == Upstream &&
						sent(d, code) != http.StatusGatewayTimeout,
					!seen.has(begun) && !seen.has(interrupted) && d.Origin == Backend:
					t.Fatalf("%b %v %q: %+v", seen, code, text, d)
				}
			}
		}
	}
}

// TestEvidenceOfDetails judges statuses with details. Only a service makes these.
func TestEvidenceOfDetails(t *testing.T) {
	detailed, err := status.New(codes.Internal, "unexpected EOF").WithDetails(&errdetails.RequestInfo{RequestId: "7"})
	if err != nil {
		t.Fatal(err)
	}
	for seen := range allEvidence + 1 {
		if seen.has(interrupted) || !seen.has(begun) {
			continue
		}
		e := &callError{err: detailed.Err(), seen: seen}
		if d := diagnose(e, OwnCode(), nil); d != byBackend {
			t.Errorf("%b: %+v", seen, d)
		}
	}
}

func sources(t *testing.T) map[string]Source {
	t.Helper()
	some, none := metadata.Pairs("content-type", "application/grpc"), metadata.MD{}
	called := calledContext(t)
	inside := grpc.NewContextWithServerTransportStream(called, &runtime.ServerTransportStream{})
	return map[string]Source{
		"own code":          OwnCode(),
		"no context":        Unary(nil, runtime.ServerMetadata{}),  //nolint:staticcheck // a total function
		"no stream context": Stream(nil, runtime.ServerMetadata{}), //nolint:staticcheck // a total function
		"router":            Unary(t.Context(), runtime.ServerMetadata{}),
		"in process":        Unary(inside, runtime.ServerMetadata{}),
		"uncalled":          Unary(called, runtime.ServerMetadata{}),
		"nothing":           Unary(called, runtime.ServerMetadata{TrailerMD: none}),
		"header":            Unary(called, runtime.ServerMetadata{HeaderMD: some, TrailerMD: none}),
		"trailer":           Unary(called, runtime.ServerMetadata{TrailerMD: some}),
		"header, trailer":   Unary(called, runtime.ServerMetadata{HeaderMD: some, TrailerMD: some}),
		"stream":            Stream(called, runtime.ServerMetadata{}),
		"stream, header":    Stream(called, runtime.ServerMetadata{HeaderMD: some}),
	}
}

// calledContext is a context as grpc-gateway gives it to an error handler.
func calledContext(t *testing.T) context.Context {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	ctx, err := runtime.AnnotateContext(t.Context(), runtime.NewServeMux(), r, "/s/m")
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}

// diagnose reads the error as the gateway does, and judges it.
func diagnose(err error, source Source, localReply func(header, trailer metadata.MD) bool) Diagnosis {
	r := contract.Read(err)
	return Diagnose(err, &r, source, localReply)
}

// TestSources judges errors without evidence, from all sources, with all codes and texts.
func TestSources(t *testing.T) {
	for name, source := range sources(t) {
		for _, code := range errorCodes() {
			for _, text := range texts() {
				d := diagnose(status.Error(code, text), source, nil)
				if !isSound(d, code) {
					t.Errorf("%s %v %q: %+v", name, code, text, d)
				}
				var want []Origin
				switch name {
				case "own code", "no context", "no stream context":
					want = []Origin{Gateway}
				case "router":
					want = []Origin{Gateway, Request}
				case "in process":
					want = []Origin{Backend, Request}
				case "trailer", "header, trailer", "header", "stream", "stream, header":
					if text == ownText {
						want = []Origin{Backend}
					}
				case "nothing":
					want = []Origin{Upstream, Gateway, Request}
				case "uncalled":
					if text == ownText && sent(d, code) != contract.HTTPStatus(code) {
						t.Errorf("%s %v is sent as %d", name, code, sent(d, code))
					}
				}
				if want != nil && !slices.Contains(want, d.Origin) {
					t.Errorf("%s %v %q: %+v, want one of %v", name, code, text, d, want)
				}
			}
		}
	}
}

// TestPlainErrors judges errors without a status, and no error.
func TestPlainErrors(t *testing.T) {
	for name, source := range sources(t) {
		for _, err := range []error{nil, errors.New("x"), context.Canceled} {
			want := Gateway
			if name == "in process" {
				want = Backend
			}
			if d := diagnose(err, source, nil); d.Origin != want {
				t.Errorf("%s %v: %+v", name, err, d)
			}
		}
	}
}

// TestLocalReply judges replies that a proxy made: they are never the caller's or the service's.
func TestLocalReply(t *testing.T) {
	local := func(_, trailer metadata.MD) bool { return trailer["server"] != nil }
	for _, code := range errorCodes() {
		for _, text := range append(texts(), "upstream request timeout", "no healthy upstream") {
			err := &callError{
				err: status.Error(code, text), seen: begun | headerSent | trailerSeen,
				trailer: metadata.Pairs("server", "envoy"),
			}
			d := diagnose(err, OwnCode(), local)
			if d.Origin != Upstream || !slices.Contains(gatewayStatuses, sent(d, code)) {
				t.Errorf("%v %q: %+v", code, text, d)
			}
		}
	}
}

// TestEnvoyLocalReply recognises Envoy's replies by their metadata.
func TestEnvoyLocalReply(t *testing.T) {
	envoy := metadata.Pairs("server", "envoy")
	forwarded := metadata.Pairs("server", "envoy", "x-envoy-upstream-service-time", "3")
	for _, c := range []struct {
		header, trailer metadata.MD
		want            bool
	}{
		{nil, nil, false}, {envoy, nil, true}, {nil, envoy, true}, {forwarded, nil, false}, {nil, forwarded, false},
		{forwarded, envoy, false}, {metadata.Pairs("server", "nginx"), nil, false},
	} {
		if EnvoyLocalReply(c.header, c.trailer) != c.want {
			t.Errorf("%v %v", c.header, c.trailer)
		}
	}
}

// deadlineContext has a deadline that has not ended it.
type deadlineContext struct {
	context.Context
	deadline time.Time
}

func (c deadlineContext) Deadline() (time.Time, bool) { return c.deadline, true }

// TestOverdue compares the time of a failure with the deadline of its call.
func TestOverdue(t *testing.T) {
	now := time.Now()
	for after, want := range map[time.Duration]bool{
		-time.Hour: true, 0: true, time.Millisecond: true, deadlineSlack: true,
		deadlineSlack + 1: false, time.Hour: false,
	} {
		if got := isOverdue(deadlineContext{t.Context(), now.Add(after)}, now); got != want {
			t.Errorf("a failure %v before the deadline: %t", after, got)
		}
	}
	if isOverdue(t.Context(), now) {
		t.Error("there is no deadline")
	}
	ctx := deadlineContext{calledContext(t), now}
	reset := status.Error(codes.Internal, "stream terminated by RST_STREAM with error code: INTERNAL_ERROR")
	if d := diagnose(reset, Stream(ctx, runtime.ServerMetadata{}), nil); d != slow {
		t.Errorf("%+v", d)
	}
}

// FuzzDiagnose demands a sound diagnosis of any status.
func FuzzDiagnose(f *testing.F) {
	f.Add(uint32(13), "unexpected EOF", uint16(allEvidence), uint8(0), true)
	limit := "grpc: received message larger than max (5 vs. 4)"
	f.Add(uint32(8), limit, uint16(begun|trailerSeen|oversized), uint8(3), false)
	f.Add(uint32(4), "", uint16(begun|overdue), uint8(8), false)
	f.Fuzz(func(t *testing.T, code uint32, text string, seen uint16, where uint8, evident bool) {
		if code == 0 {
			return
		}
		err := status.Error(codes.Code(code), text)
		if evident {
			err = &callError{err: err, seen: evidence(seen) & allEvidence}
		}
		source := Source{place: place(where % uint8(lastPlace+1)), ctx: t.Context()}
		if d := diagnose(err, source, EnvoyLocalReply); !isSound(d, codes.Code(code)) {
			t.Errorf("%+v", d)
		}
	})
}
