package interop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// blockSize is the size of one message of an export. It is larger than the buffers of most proxies.
const blockSize = 64 << 10

// slow is the status in an id that makes a method wait until its caller has gone.
const slow = 999

// service is the backend. The id of a request says how it responds: the last three digits are the HTTP status, and a
// stream sends id/1000 messages before that status.
type service struct {
	testkitv1.UnimplementedThingServiceServer
}

// respond returns the outcome that an id asks for.
func respond(ctx context.Context, id int32) error {
	switch httpStatus := int(id % 1000); {
	case httpStatus == slow:
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Minute):
			return errors.New("nobody cancelled the call")
		}
	case httpStatus == 200:
		return nil // without metadata, as services that do not know this library
	case httpStatus < 300:
		return mapping.SetHTTPStatus(ctx, httpStatus)
	default:
		return mapping.Errorf(httpStatus, "the service says %d", httpStatus)
	}
}

func (service) Get(ctx context.Context, in *testkitv1.GetRequest) (*testkitv1.GetResponse, error) {
	if err := respond(ctx, in.GetId()); err != nil {
		return nil, err
	}
	return &testkitv1.GetResponse{Thing: &testkitv1.Thing{Id: in.GetId(), Name: "thing"}}, nil
}

func (service) Create(_ context.Context, in *testkitv1.CreateRequest) (*testkitv1.CreateResponse, error) {
	return &testkitv1.CreateResponse{Thing: &testkitv1.Thing{Id: in.GetThing().GetId(), Name: "thing"}}, nil
}

func (service) Watch(in *testkitv1.WatchRequest, stream grpc.ServerStreamingServer[testkitv1.WatchResponse]) error {
	if succeeds(in.GetId()) {
		_ = respond(stream.Context(), in.GetId()) // before the header is sent
	}
	for n := int32(1); n <= in.GetId()/1000; n++ {
		if err := stream.Send(&testkitv1.WatchResponse{Sequence: n}); err != nil {
			return err
		}
	}
	if succeeds(in.GetId()) {
		return nil
	}
	return respond(stream.Context(), in.GetId())
}

func (service) Export(in *testkitv1.ExportRequest, stream grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	if succeeds(in.GetId()) {
		_ = respond(stream.Context(), in.GetId())
	}
	for n := range in.GetId() / 1000 {
		if err := stream.Send(&httpbody.HttpBody{ContentType: "application/zip", Data: block(int(n))}); err != nil {
			return err
		}
	}
	if succeeds(in.GetId()) {
		return nil
	}
	return respond(stream.Context(), in.GetId())
}

// succeeds reports whether an id asks for a success.
func succeeds(id int32) bool { return id%1000 < 300 }

// block returns the n-th message of an export.
func block(n int) []byte {
	return bytes.Repeat([]byte{byte('a' + n%26)}, blockSize)
}

// export returns a whole export of n messages, with the delimiter that grpc-gateway writes after each.
func export(n int) []byte {
	var whole bytes.Buffer
	for i := range n {
		whole.Write(block(i))
		whole.WriteByte('\n')
	}
	return whole.Bytes()
}

// The paths of the methods that the tests call.
func thingPath(id int) string  { return fmt.Sprintf("/v1/things/%d", id) }
func watchPath(id int) string  { return fmt.Sprintf("/v1/things/%d/watch", id) }
func exportPath(id int) string { return fmt.Sprintf("/v1/things/%d/export", id) }

// backend starts a gRPC server for the service on loopback and returns its address.
func backend(t testing.TB, options ...grpc.ServerOption) string {
	t.Helper()
	return testkit.ServeGRPC(t, service{}, options...)
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// dial returns a connection to a backend, with the library's dial options.
func dial(t testing.TB, address string, options ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	return dialBare(t, address, gateway.DialOptions(options...)...)
}

func dialBare(t testing.TB, address string, options ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// register connects a mux with the backend of a connection.
func register(t testing.TB, mux *runtime.ServeMux, conn grpc.ClientConnInterface) *runtime.ServeMux {
	t.Helper()
	client := testkitv1.NewThingServiceClient(conn)
	// The context outlives the test's own, since its end would close the streams before the servers are stopped.
	if err := testkitv1.RegisterThingServiceHandlerClient(context.WithoutCancel(t.Context()), mux, client); err != nil {
		t.Fatal(err)
	}
	return mux
}

// newMux returns the usual gateway: the mux of a bridge before a backend on loopback.
func newMux(t testing.TB, bridge *gateway.Bridge) *runtime.ServeMux {
	t.Helper()
	return register(t, bridge.NewServeMux(), dial(t, backend(t)))
}

// serve serves h with net/http on loopback and returns its URL.
func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// observations collects the errors that a bridge observes.
type observations struct {
	mu   sync.Mutex
	seen []gateway.Observation
}

func (o *observations) option() gateway.Option {
	return gateway.WithObserver(func(_ context.Context, seen gateway.Observation) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.seen = append(o.seen, seen)
	})
}

// take returns the observations since its last call.
func (o *observations) take() []gateway.Observation {
	o.mu.Lock()
	defer o.mu.Unlock()
	seen := o.seen
	o.seen = nil
	return seen
}
