package interop

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

const (
	connectGet   = "/statusbridge.testkit.v1.ThingService/Get"
	connectWatch = "/statusbridge.testkit.v1.ThingService/Watch"
)

// connectHandler serves the service with connect-go. The id of a request is the code of its error; 0 is a success.
func connectHandler() http.Handler {
	failure := func(code int32) error {
		if code == 0 {
			return nil
		}
		err := connect.NewError(connect.Code(code), errors.New("connect says no"))
		detail, _ := connect.NewErrorDetail(&errdetails.ErrorInfo{Reason: "REASON"})
		err.AddDetail(detail)
		err.Meta().Set("Etag", "an-etag")
		return err
	}
	type (
		getRequest   = connect.Request[testkitv1.GetRequest]
		getResponse  = connect.Response[testkitv1.GetResponse]
		watchRequest = connect.Request[testkitv1.WatchRequest]
		watchStream  = connect.ServerStream[testkitv1.WatchResponse]
	)
	mux := http.NewServeMux()
	mux.Handle(connectGet, connect.NewUnaryHandler(connectGet,
		func(_ context.Context, in *getRequest) (*getResponse, error) {
			return connect.NewResponse(&testkitv1.GetResponse{}), failure(in.Msg.GetId())
		}, connect.WithIdempotency(connect.IdempotencyNoSideEffects)))
	mux.Handle(connectWatch, connect.NewServerStreamHandler(connectWatch,
		func(_ context.Context, in *watchRequest, stream *watchStream) error {
			_ = stream.Send(&testkitv1.WatchResponse{Sequence: 1})
			return failure(in.Msg.GetId())
		}))
	return mux
}

// connectRequests are calls of every protocol that connect-go serves, also those that it refuses.
func connectRequests() map[string]func(base string) *http.Request {
	request := func(method, path, body string, header ...string) func(string) *http.Request {
		return func(base string) *http.Request {
			r := httptest.NewRequest(method, base+path, strings.NewReader(body))
			r.RequestURI = ""
			for i := 0; i+1 < len(header); i += 2 {
				r.Header.Set(header[i], header[i+1])
			}
			return r
		}
	}
	requests := map[string]func(string) *http.Request{
		"GET": request("GET", connectGet+"?encoding=json&message=%7B%22id%22%3A5%7D&connect=v1", ""),
		"bad JSON": request("POST", connectGet, "{", "Content-Type", "application/json",
			"Connect-Protocol-Version", "1"),
		"unknown version": request("POST", connectGet, "{}", "Content-Type", "application/json",
			"Connect-Protocol-Version", "7"),
		"unknown compression": request("POST", connectGet, "{}", "Content-Type", "application/json",
			"Connect-Protocol-Version", "1", "Content-Encoding", "br"),
		"bad timeout": request("POST", connectGet, "{}", "Content-Type", "application/proto",
			"Connect-Protocol-Version", "1", "Connect-Timeout-Ms", "x"),
		"gRPC-Web, bad message": request("POST", connectGet, "\x00\x00\x00\x00\x01{", "Content-Type",
			"application/grpc-web+json"),
		"stream": request("POST", connectWatch, "\x00\x00\x00\x00\x08{\"id\":5}", "Content-Type",
			"application/connect+json", "Connect-Protocol-Version", "1"),
	}
	for code := range int32(17) {
		name := connect.Code(code).String()
		body := `{"id":` + strconv.Itoa(int(code)) + `}`
		requests["JSON "+name] = request("POST", connectGet, body, "Content-Type", "application/json",
			"Connect-Protocol-Version", "1")
		requests["gRPC-Web "+name] = request("POST", connectGet, "\x00\x00\x00\x00"+string(rune(len(body)))+body,
			"Content-Type", "application/grpc-web+json")
		requests["gRPC "+name] = request("POST", connectGet, "\x00\x00\x00\x00"+string(rune(len(body)))+body,
			"Content-Type", "application/grpc+json", "TE", "trailers")
	}
	return requests
}

// TestConnect compares the responses of connect-go inside Handler with those without it, byte by byte.
func TestConnect(t *testing.T) {
	bare := serve(t, connectHandler())
	inside := serve(t, gateway.New().Handler(connectHandler()))
	c := newCaller(t)
	for name, request := range connectRequests() {
		t.Run(name, func(t *testing.T) {
			want, got := exchangeOf(t, c, request(bare)), exchangeOf(t, c, request(inside))
			if difference := cmp.Diff(want, got); difference != "" {
				t.Errorf("Handler changed the response (-without +with):\n%s", difference)
			}
		})
	}
}

func exchangeOf(t *testing.T, c caller, r *http.Request) map[string]any {
	t.Helper()
	got := c.send(t, r.Method, r.URL.String(), r.Body, flat(r.Header)...)
	if got.err != nil {
		t.Fatal(got.err)
	}
	got.header.Del("Date")
	return map[string]any{"status": got.status, "header": got.header, "body": string(got.body)}
}

func flat(header http.Header) []string {
	var pairs []string
	for name, values := range header {
		pairs = append(pairs, name, values[0])
	}
	return pairs
}
