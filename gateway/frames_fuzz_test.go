package gateway_test

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	codepb "google.golang.org/genproto/googleapis/rpc/code"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
)

// frame is what a hostile backend sends next.
type frame int

const (
	beginsReply frame = iota
	beginsReplyWith
	sendsMessage
	sendsUnreadable
	sendsPage
	endsWithStatus
	endsWithClaim
	onlyStatus
	onlyPage
	endsWithoutStatus
	resets
	goesAway
	sendsOtherHeader
	sendsHint
	breaksWindow
	sendsAnyFrame
	garbles
	cuts
	frames
)

var (
	sentCodes    = strings.Split("0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 x ", " ")
	sentClaims   = []int32{0, 200, 400, 401, 404, 405, 409, 418, 500, 502, 503, 504}
	pageStatuses = strings.Split("200 204 301 400 401 403 404 408 429 500 502 503 504", " ")
	replyFields  = [][]string{
		{"grpc-encoding", "gzip"}, {"grpc-encoding", "x"}, {"content-type", "text/html"}, {"content-length", "1"},
		{"grpc-status", "0"}, {"grpc-status", "5"}, {":status", "404"}, {"transfer-encoding", "chunked"},
		{"www-authenticate", "Basic"}, {"retry-after", "7"}, {"x-bin", "!"}, {"etag", `"1"`}, {"server", "envoy"},
		{testkit.StatusKey, "202"}, {testkit.StatusKey, "204"}, {testkit.StatusKey, "404"}, {"X y", "\r\n"},
	}
)

// framesOf reads a program of at most 16 frames, two bytes each: the frame and its argument.
func framesOf(program []byte) (sequence []frame, arguments []int) {
	for len(program) > 1 && len(sequence) < 16 {
		sequence = append(sequence, frame(program[0])%frames)
		arguments = append(arguments, int(program[1]))
		program = program[2:]
	}
	return sequence, arguments
}

func send(s *badpeer.Stream, f frame, n int) {
	code, page := sentCodes[n%len(sentCodes)], pageStatuses[n%len(pageStatuses)]
	switch f {
	case beginsReply:
		s.Begin()
	case beginsReplyWith:
		s.Begin(replyFields[n%len(replyFields)]...)
	case sendsMessage:
		s.Data(badpeer.Message(0, nil))
	case sendsUnreadable:
		s.Data(badpeer.Message(byte(n%3), []byte("\xff"+foreignMark)))
	case sendsPage:
		s.Data([]byte("<html>" + foreignMark))
	case endsWithStatus:
		s.Trailers("grpc-status", code, "grpc-message", innerMark)
	case endsWithClaim:
		s.Trailers("grpc-status", "9", "grpc-status-details-bin", claims[n%len(claims)])
	case onlyStatus:
		s.Trailers(":status", "200", "content-type", "application/grpc", "grpc-status", code, "grpc-message", innerMark)
	case onlyPage:
		s.Trailers(":status", page, "content-type", "text/html", "www-authenticate", "Basic realm="+foreignMark)
	case endsWithoutStatus:
		s.LastData(nil)
	case resets:
		s.Reset(uint32(n % 16))
	case goesAway:
		s.GoAway(n%2 == 0, uint32(n%16), foreignMark)
	case sendsOtherHeader:
		s.Headers("x", "y")
	case sendsHint:
		s.Headers(":status", "103")
	case breaksWindow:
		s.WindowUpdate(uint32(n % 2))
	case sendsAnyFrame:
		s.Frame(byte(n%11), byte(n/11), n&64 == 0, []byte(foreignMark)[:n%4*4])
	case garbles:
		s.Garble(foreignMark)
	case cuts:
		s.Cut()
	default:
	}
}

// claims are details of status 9, each with an exact status.
var claims = func() (encoded []string) {
	for _, httpStatus := range sentClaims {
		packed, _ := anypb.New(&statusbridgev1.Error{Code: httpStatus, Message: "for the client"})
		wire, _ := proto.Marshal(&spb.Status{Code: 9, Message: innerMark, Details: []*anypb.Any{packed}})
		encoded = append(encoded, base64.RawStdEncoding.EncodeToString(wire))
	}
	return encoded
}()

// allowedAfter returns the statuses that a client may get after a program, and whether the call may succeed. Only a
// status that was sent can be one of the service's.
func allowedAfter(sequence []frame, arguments []int, evidence bool) (statuses []int, ok bool) {
	statuses = []int{502, 503, 504}
	if !evidence {
		statuses = append(statuses, 400, 500) // for a message without a header, which may be over the limit
	}
	for i, f := range sequence {
		n := arguments[i]
		if isTrailer := f >= endsWithStatus && f <= onlyStatus || f == sendsAnyFrame && n%11 == 1; isTrailer {
			statuses = append(statuses, 500) // it may hide that the call had failed before
		}
		switch f {
		case endsWithStatus, onlyStatus:
			code, err := strconv.Atoi(sentCodes[n%len(sentCodes)])
			want, known := codeStatuses[codepb.Code(code)]
			switch {
			case err != nil:
			case code == 0:
				ok = true
			case known:
				statuses = append(statuses, want.status)
			}
		case endsWithClaim:
			statuses = append(statuses, 409)
			if claim := int(sentClaims[n%len(sentClaims)]); slices.Contains(testkit.ErrorStatuses, claim) {
				statuses = append(statuses, claim)
			}
		default:
		}
	}
	return statuses, ok
}

// framesCheck has a peer that plays the current script, and gateways for it.
type framesCheck struct {
	script   atomic.Pointer[func(*badpeer.Stream)]
	gateways hostileGateways
}

func newFramesCheck(t testing.TB) *framesCheck {
	c := &framesCheck{}
	peer := badpeer.HTTP2(func(s *badpeer.Stream) { (*c.script.Load())(s) })
	c.gateways = newHostileGateways(t, badpeer.Listen(t, nil, peer))
	return c
}

// check plays a program, one write a frame or all together, and ends the connection, so that no call waits for ever.
func (c *framesCheck) check(t *testing.T, program []byte, route byte, evidence, second, together bool) {
	sequence, arguments := framesOf(program)
	var played atomic.Bool
	play := func(s *badpeer.Stream) {
		for i := range sequence {
			send(s, sequence[i], arguments[i])
		}
	}
	script := func(s *badpeer.Stream) {
		played.Store(true)
		if together {
			s.Together(play)
		} else {
			play(s)
		}
		s.Cut()
	}
	c.script.Store(&script)
	to := hostileRoutes[int(route)%len(hostileRoutes)]
	r, err := c.gateways.send(to, evidence, second)
	c.gateways.disconnected(t, evidence)
	statuses, ok := allowedAfter(sequence, arguments, evidence)
	wantHostile(t, to, r, err, ok, slices.Contains(sequence, sendsMessage))
	if r.Status >= 300 && !slices.Contains(statuses, r.Status) {
		t.Errorf("responded with %d %s, want one of %v", r.Status, r.Body, statuses)
	}
	if to.Path == "" && ok && r.Status < 300 && !slices.Contains(sequence, sendsMessage) {
		t.Errorf("responded with %d %s without a message", r.Status, r.Body)
	}
	if !played.Load() {
		t.Errorf("the backend was not asked: %d %s", r.Status, r.Body)
	}
	if t.Failed() {
		t.Logf("%s, evidence %t, HTTP/2 %t, together %t: %v with %v", to.Path, evidence, second, together, sequence,
			arguments)
	}
}

func TestWalkFrames(t *testing.T) { testkit.Walk(t, newFramesCheck(t).check) }

// FuzzFrames has a backend send any frames of HTTP/2. The client gets a status that the backend sent, or 502, 503 or
// 504.
func FuzzFrames(f *testing.F) {
	for way := range byte(len(hostileRoutes) * 8) {
		add := func(program ...byte) { f.Add(program, way/8, way&1 == 0, way&2 == 0, way&4 == 0) }
		add()
		add(byte(beginsReply), 0, byte(sendsMessage), 0, byte(endsWithStatus), 0)
		add(byte(beginsReply), 0, byte(sendsMessage), 0, byte(endsWithClaim), 9)
		add(byte(beginsReplyWith), 13, byte(sendsMessage), 0, byte(endsWithStatus), 0)
		add(byte(onlyStatus), 5)
		add(byte(beginsReply), 0, byte(sendsUnreadable), 0, byte(endsWithStatus), 7)
		add(byte(onlyPage), 4, byte(endsWithStatus), 7)
		add(byte(beginsReply), 0, byte(resets), 0xc, byte(endsWithStatus), 5)
		add(byte(beginsReply), 0, byte(sendsMessage), 0, byte(sendsMessage), 0, byte(goesAway), 1, byte(cuts), 0)
		add(byte(sendsHint), 0, byte(beginsReply), 0, byte(sendsOtherHeader), 0)
		add(byte(breaksWindow), 0)
		add(byte(beginsReply), 0, byte(garbles), 0)
	}
	f.Fuzz(newFramesCheck(f).check)
}
