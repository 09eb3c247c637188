package interop

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/fullstorydev/grpchan/inprocgrpc"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// readmeStatus is the documented status of each gRPC code (docs: the status table).
var readmeStatus = map[codes.Code]int{
	codes.Canceled: 503, codes.Unknown: 500, codes.InvalidArgument: 400, codes.DeadlineExceeded: 504,
	codes.NotFound: 404, codes.AlreadyExists: 409, codes.PermissionDenied: 403, codes.ResourceExhausted: 503,
	codes.FailedPrecondition: 409, codes.Aborted: 409, codes.OutOfRange: 400, codes.Unimplemented: 501,
	codes.Internal: 500, codes.Unavailable: 503, codes.DataLoss: 500, codes.Unauthenticated: 401,
}

// coded fails with the code in an id; 99 is a plain error.
type coded struct {
	service
}

func (coded) Get(_ context.Context, in *testkitv1.GetRequest) (*testkitv1.GetResponse, error) {
	switch in.GetId() {
	case 0:
		return &testkitv1.GetResponse{Thing: &testkitv1.Thing{Name: "thing"}}, nil
	case 99:
		return nil, errors.New("a secret")
	}
	return nil, status.Error(codes.Code(in.GetId()), "in process")
}

// TestInProcessChannel registers a client over grpchan's channel. The client calls the service without a
// network, so every status is the service's.
func TestInProcessChannel(t *testing.T) {
	var seen observations
	bridge := gateway.New(seen.option())
	channel := &inprocgrpc.Channel{}
	testkitv1.RegisterThingServiceServer(channel, coded{})
	url := serve(t, register(t, bridge.NewServeMux(), channel))
	c := newCaller(t)
	for number := range code.Code_name {
		if number == 0 {
			continue
		}
		want := readmeStatus[codes.Code(number)]
		r := c.get(t, url+thingPath(int(number)))
		check(t, r, want)
		observed := seen.take()
		if len(observed) != 1 || observed[0].Origin != gateway.OriginBackend || observed[0].HTTPStatus != want {
			t.Errorf("%v: %v, observed %+v", codes.Code(number), r, observed)
		}
	}
	check(t, c.get(t, url+thingPath(99)), http.StatusInternalServerError)
	if observed := seen.take(); len(observed) != 1 || observed[0].Origin != gateway.OriginGateway {
		t.Errorf("a plain error: observed %+v", observed)
	}
	check(t, c.get(t, url+watchPath(409)), http.StatusConflict)
	if observed := seen.take(); len(observed) != 1 || observed[0].Origin != gateway.OriginBackend {
		t.Errorf("a stream: observed %+v", observed)
	}
	check(t, c.get(t, url+thingPath(0)), http.StatusOK)
}
