package gateway_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	codepb "google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// frame is what a hostile backend sends next.
type frame int

const (
	beginsReply frame = iota
	sendsMessage
	sendsUnreadable
	sendsPage
	endsWithStatus
	onlyStatus
	onlyPage
	endsWithoutStatus
	resets
	goesAway
	sendsOtherHeader
	sendsHint
	breaksWindow
	garbles
	cuts
	frames
)

var (
	sentCodes    = strings.Split("0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 x ", " ")
	pageStatuses = []string{"200", "204", "301", "400", "401", "403", "404", "408", "429", "500", "502", "503", "504"}
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
	case sendsMessage:
		s.Data(badpeer.Message(0, nil))
	case sendsUnreadable:
		s.Data(badpeer.Message(byte(n%3), []byte("\xff"+foreignMark)))
	case sendsPage:
		s.Data([]byte("<html>" + foreignMark))
	case endsWithStatus:
		s.Trailers("grpc-status", code, "grpc-message", innerMark)
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
	case garbles:
		s.Garble(foreignMark)
	case cuts:
		s.Cut()
	default:
	}
}

// allowedAfter returns the statuses that a client may get after a program, and whether the call may succeed. Only a status
// that was sent can be one of the service's.
func allowedAfter(sequence []frame, arguments []int) (statuses []int, ok bool) {
	statuses = []int{502, 503, 504}
	for i, f := range sequence {
		if f != endsWithStatus && f != onlyStatus {
			continue
		}
		switch n := arguments[i] % len(sentCodes); n {
		case 0:
			ok = true
		case 17:
			statuses = append(statuses, 500)
		case 18, 19:
		default:
			statuses = append(statuses, codeStatuses[codepb.Code(n)].status)
		}
	}
	return statuses, ok
}

// framesBackend returns a peer that sends the current program, and two gateways for it: with the evidence of DialOptions
// and without. The program ends with the connection, so that no call waits for ever.
func framesBackend(f *testing.F) (*atomic.Pointer[func(*badpeer.Stream)], map[bool]*runtime.ServeMux) {
	var script atomic.Pointer[func(*badpeer.Stream)]
	address := badpeer.Listen(f, nil, badpeer.HTTP2(func(s *badpeer.Stream) { (*script.Load())(s) }))
	muxes := map[bool]*runtime.ServeMux{}
	for evidence, options := range map[bool][]grpc.DialOption{true: gateway.DialOptions(), false: nil} {
		conn, err := grpc.NewClient(address, append(options,
			grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.Config{MaxDelay: time.Millisecond}}))...)
		if err != nil {
			f.Fatal(err)
		}
		f.Cleanup(func() { _ = conn.Close() })
		muxes[evidence] = standard.NewServeMux()
		if err := testkitv1.RegisterThingServiceHandler(f.Context(), muxes[evidence], conn); err != nil {
			f.Fatal(err)
		}
	}
	return &script, muxes
}

// FuzzFrames has a backend send any frames of HTTP/2. The client gets a status that the backend sent, or 502, 503 or 504.
func FuzzFrames(f *testing.F) {
	for _, stream := range []bool{false, true} {
		for _, evidence := range []bool{false, true} {
			for _, together := range []bool{false, true} {
				add := func(program ...byte) { f.Add(program, stream, evidence, together) }
				add()
				add(byte(beginsReply), 0, byte(sendsMessage), 0, byte(endsWithStatus), 0)
				add(byte(onlyStatus), 5)
				add(byte(beginsReply), 0, byte(sendsUnreadable), 0, byte(endsWithStatus), 7)
				add(byte(onlyPage), 4, byte(endsWithStatus), 7)
				add(byte(beginsReply), 0, byte(resets), 0xc, byte(endsWithStatus), 5)
				add(byte(beginsReply), 0, byte(sendsMessage), 0, byte(sendsMessage), 0, byte(goesAway), 1, byte(cuts), 0)
				add(byte(sendsHint), 0, byte(beginsReply), 0, byte(sendsOtherHeader), 0)
				add(byte(breaksWindow), 0)
				add(byte(beginsReply), 0, byte(garbles), 0)
			}
		}
	}
	script, muxes := framesBackend(f)
	f.Fuzz(func(t *testing.T, program []byte, stream, evidence, together bool) {
		sequence, arguments := framesOf(program)
		play := func(s *badpeer.Stream) {
			for i := range sequence {
				send(s, sequence[i], arguments[i])
			}
		}
		current := func(s *badpeer.Stream) {
			if together {
				s.Together(play)
			} else {
				play(s)
			}
			s.Cut()
		}
		script.Store(&current)
		path := "/v1/things/1"
		if stream {
			path = watch.Path
		}
		recorder := httptest.NewRecorder()
		aborted := serveAborting(muxes[evidence], recorder, httptest.NewRequest(http.MethodGet, path, nil))
		r := testkit.Recorded(recorder)
		statuses, ok := allowedAfter(sequence, arguments)
		switch {
		case aborted:
			t.Error("the connection was aborted")
		case r.Status != 200:
			wantDocumentedError(t, r)
			if !slices.Contains(statuses, r.Status) {
				t.Errorf("%v %v: responded with %d %s, want one of %v", sequence, arguments, r.Status, r.Body, statuses)
			}
		case stream:
			wantHostileStream(t, r.Body, ok)
		case !ok || !slices.Contains(sequence, sendsMessage):
			t.Errorf("%v %v: responded with %d %s", sequence, arguments, r.Status, r.Body)
		}
		if strings.Contains(r.Body, foreignMark) || r.Status >= 500 && strings.Contains(r.Body, innerMark) {
			t.Errorf("%v %v: a %d says %s", sequence, arguments, r.Status, r.Body)
		}
	})
}
