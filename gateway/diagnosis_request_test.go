package gateway_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
)

// succeed is a plain success.
func succeed(s *badpeer.Stream) {
	s.Begin()
	s.Data(anyReply)
	s.Trailers("grpc-status", "0")
}

// TestDiagnosisOfRequests sends requests that the gateway cannot forward. They are the client's fault, not the
// upstream's.
func TestDiagnosisOfRequests(t *testing.T) {
	t.Parallel()
	runIncidents(t, []incident{
		{
			name: "over the limit of what is sent", answer: succeed,
			dial:   []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallSendMsgSize(1))},
			status: 400, message: anyMessage, origin: gateway.OriginRequest,
			text: "trying to send message larger than max", without: 429,
		},
		{
			// grpc-gateway passes the text on, and a proto may not contain it.
			name: "a parameter that is not UTF-8", answer: succeed, only: unary,
			unary:  call{Method: http.MethodPatch, Path: "/v1/things/1?updateMask=%ff", Body: "{}"},
			status: 400, message: anyMessage, origin: gateway.OriginRequest, text: "UTF-8", without: 500,
		},
		{
			name: "a compressor that the gateway does not have", answer: succeed,
			dial:   []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.UseCompressor("lz4"))},
			status: 500, origin: gateway.OriginGateway, text: "Compressor is not installed", without: 500,
		},
	})
}

// TestDiagnosisOfImitatedRequestErrors has a backend fail with a text that looks like such an error.
func TestDiagnosisOfImitatedRequestErrors(t *testing.T) {
	t.Parallel()
	runIncidents(t, fromBackend("a stored text", codes.Internal, "the stored name is invalid UTF-8"))
}

// TestDiagnosisOfLargeRequestHeaders sends a backend more metadata than it accepts. grpc-go's client refuses to send
// it.
func TestDiagnosisOfLargeRequestHeaders(t *testing.T) {
	t.Parallel()
	service := &testkit.Service{}
	address := testkit.ServeGRPC(t, service, grpc.MaxHeaderListSize(1<<10))
	for name, dial := range sights() {
		for route, c := range map[string]call{unary: {}, stream: watch} {
			t.Run(name+"/"+route, func(t *testing.T) {
				var n notebook
				base := testkit.Serve(t, testkit.Connect(t, address,
					gateway.New(gateway.WithObserver(n.observe)).NewServeMux(), dial...))
				if r := c.To(t, base); r.Status != 200 { // the connection knows the limit from now on
					t.Fatalf("responded with %d %s", r.Status, r.Body)
				}
				c.Header = http.Header{"Cookie": {strings.Repeat("x", 2<<10)}}
				c.To(t, base).WantError(t, 400, "the headers of the request are too large", "")
				if o := n.one(t); o.Origin != gateway.OriginRequest ||
					!strings.Contains(o.Err.Error(), "header list size to send") {
					t.Errorf("observed %s %v", o.Origin, o.Err)
				}
			})
		}
	}
}

// TestDiagnosisOfInterceptors has a user's interceptor refuse a call. The status table decides, in any order of the
// options.
func TestDiagnosisOfInterceptors(t *testing.T) {
	t.Parallel()
	for code, want := range map[codes.Code]struct {
		status  int
		message string
	}{
		codes.PermissionDenied:   {403, "no entry"},
		codes.Unauthenticated:    {401, "no entry"},
		codes.ResourceExhausted:  {503, ""},
		codes.Unimplemented:      {501, ""},
		codes.FailedPrecondition: {409, "no entry"},
		codes.InvalidArgument:    {400, "no entry"},
		codes.Internal:           {500, ""},
	} {
		refusal := status.Error(code, "no entry")
		ours := gateway.DialOptions()
		theirs := []grpc.DialOption{
			grpc.WithChainUnaryInterceptor(func(context.Context, string, any, any, *grpc.ClientConn,
				grpc.UnaryInvoker, ...grpc.CallOption) error {
				return refusal
			}),
			grpc.WithChainStreamInterceptor(func(context.Context, *grpc.StreamDesc, *grpc.ClientConn, string,
				grpc.Streamer, ...grpc.CallOption) (grpc.ClientStream, error) {
				return nil, refusal
			}),
		}
		for order, dial := range map[string][]grpc.DialOption{
			"after DialOptions":    append(append([]grpc.DialOption{}, ours...), theirs...),
			"before DialOptions":   append(append([]grpc.DialOption{}, theirs...), ours...),
			"given to DialOptions": gateway.DialOptions(theirs...),
			"without DialOptions":  theirs,
		} {
			for route, c := range map[string]call{unary: {}, stream: watch} {
				t.Run(code.String()+"/"+order+"/"+route, func(t *testing.T) {
					var n notebook
					mux := gateway.New(gateway.WithObserver(n.observe)).NewServeMux()
					dialUpstream(t, listen(t, false, badpeer.HTTP2(succeed)), mux, dial...)
					c.To(t, testkit.Serve(t, mux)).WantError(t, want.status, want.message, "")
					o := n.one(t)
					seen := order == "after DialOptions" || order == "given to DialOptions"
					if seen && o.Origin != gateway.OriginGateway || o.Origin == gateway.OriginUpstream {
						t.Errorf("observed the origin %v", o.Origin)
					}
				})
			}
		}
	}
}

// soon is a deadline that a test waits for, and time enough for a message to come before it.
const soon = 500 * time.Millisecond

// timely is a request with that deadline.
var timely = http.Header{"Grpc-Timeout": {"500m"}}

// TestDiagnosisOfDeadlines lets deadlines pass: 504, wherever they were set.
func TestDiagnosisOfDeadlines(t *testing.T) {
	t.Parallel()
	silent := func(*badpeer.Stream) {}
	late := func(name string, answer func(*badpeer.Stream)) []incident {
		return stages(incident{
			name: name, answer: answer, header: timely, only: cleartext,
			status: 504, origin: gateway.OriginUpstream, text: "code = DeadlineExceeded", without: 504,
		})
	}
	runIncidents(t, concat(
		late("no answer", silent),
		late("a reset when it has passed", func(s *badpeer.Stream) {
			<-time.After(soon + soon/5)
			s.Reset(0x8)
		}),
		late("the rest of a message", func(s *badpeer.Stream) { s.Data(badpeer.Announce(0, 100)) })[1:],
		fromBackend("the backend's own", codes.DeadlineExceeded, marker),
	))
}

// TestDiagnosisAtDeadline has a proxy, which knows the deadline, end the call at the same time: 504.
func TestDiagnosisAtDeadline(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*badpeer.Stream){
		"a reset":            func(s *badpeer.Stream) { s.Reset(0x2) },
		"a cancelling reset": func(s *badpeer.Stream) { s.Reset(0x8) },
		"a page":             func(s *badpeer.Stream) { s.Trailers(":status", "502", "content-type", "text/html") },
		"the end":            (*badpeer.Stream).Cut,
	} {
		for sight, dial := range sights() {
			for route, c := range map[string]call{unary: {}, stream: watch} {
				t.Run(name+"/"+sight+"/"+route, func(t *testing.T) {
					t.Parallel()
					var n notebook
					mux := gateway.New(gateway.WithObserver(n.observe)).NewServeMux()
					dialUpstream(t, listen(t, false, badpeer.HTTP2(func(s *badpeer.Stream) {
						// The call began before its request arrived here, so this is at most 3 ms before its deadline.
						<-time.After(soon - 3*time.Millisecond)
						end(s)
					})), mux, dial...)
					c.Header = timely
					c.To(t, testkit.Serve(t, mux)).WantError(t, 504, "", "")
					if o := n.one(t); o.Origin != gateway.OriginUpstream {
						t.Errorf("origin %q of %v", o.Origin, o.Err)
					}
				})
			}
		}
	}
}

// TestDiagnosisOfOuterDeadline lets a deadline pass that a handler before the mux has set.
func TestDiagnosisOfOuterDeadline(t *testing.T) {
	t.Parallel()
	for name, dial := range sights() {
		for route, c := range map[string]call{unary: {}, stream: watch} {
			t.Run(name+"/"+route, func(t *testing.T) {
				t.Parallel()
				var n notebook
				mux := gateway.New(gateway.WithObserver(n.observe)).NewServeMux()
				dialUpstream(t, listen(t, false, badpeer.HTTP2(func(*badpeer.Stream) {})), mux, dial...)
				base := testkit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					ctx, cancel := context.WithTimeout(r.Context(), soon)
					defer cancel()
					mux.ServeHTTP(w, r.WithContext(ctx))
				}))
				c.To(t, base).WantError(t, 504, "", "")
				if o := n.one(t); o.Origin != gateway.OriginUpstream || o.ClientGone {
					t.Errorf("observed %+v", o)
				}
			})
		}
	}
}

// TestDiagnosisOfClientGone has the client leave while a network backend works. The observer learns that nobody reads
// the response.
func TestDiagnosisOfClientGone(t *testing.T) {
	t.Parallel()
	for name, dial := range sights() {
		for route, c := range map[string]call{unary: {Path: "/v1/things/1"}, stream: watch} {
			for _, protocol := range testkit.Protocols {
				t.Run(name+"/"+route+"/"+protocol, func(t *testing.T) {
					ctx, leave := context.WithCancel(t.Context())
					observed := make(chan gateway.Observation, 1)
					mux := gateway.New(gateway.WithObserver(func(_ context.Context, o gateway.Observation) {
						observed <- o
					})).NewServeMux()
					waits := func(call context.Context) error {
						leave()
						<-call.Done()
						return status.FromContextError(call.Err()).Err()
					}
					dialUpstream(t, backend(0, testkit.Behaviour(waits))(t, false), mux, dial...)
					s := testkit.ServeOver(t, protocol, mux)
					request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+c.Path, nil)
					if err != nil {
						t.Fatal(err)
					}
					if response, err := s.Client.Do(request); err == nil {
						response.Body.Close()
						t.Fatalf("responded with %d to a client that has gone", response.StatusCode)
					}
					timeout, cancel := context.WithTimeout(t.Context(), testkit.Patience)
					defer cancel()
					select {
					case o := <-observed:
						if !o.ClientGone || o.Origin == gateway.OriginBackend || o.HTTPStatus != 503 {
							t.Errorf("observed %+v, want that the client has gone", o)
						}
					case <-timeout.Done():
						t.Error("observed nothing")
					}
				})
			}
		}
	}
}
