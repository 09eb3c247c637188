package service

import (
	"fmt"
	"regexp"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/example/internal/store"
)

// violations collects everything that is wrong with a request, so that a client need not find out one by one.
type violations []*errdetails.BadRequest_FieldViolation

func (v *violations) add(field, format string, args ...any) {
	*v = append(*v, &errdetails.BadRequest_FieldViolation{Field: field, Description: fmt.Sprintf(format, args...)})
}

// err returns nil when nothing is wrong. The error is a plain gRPC status with a google.rpc.BadRequest, as services
// in any language send it: the gateway makes its violations the details text.
func (v *violations) err() error {
	if len(*v) == 0 {
		return nil
	}
	st := status.New(codes.InvalidArgument, "the request is not valid")
	detailed, err := st.WithDetails(&errdetails.BadRequest{FieldViolations: *v})
	if err != nil {
		return st.Err()
	}
	return detailed.Err()
}

// kubernetesName is what names of namespaces and pods may be: a label of RFC 1123.
var kubernetesName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// maxName is the length of such a label.
const maxName = 63

func (v *violations) checkName(field, name string, maxLength int) {
	switch {
	case name == "":
		v.add(field, "is required")
	case len(name) > maxLength:
		v.add(field, "is longer than %d characters", maxLength)
	case !kubernetesName.MatchString(name):
		v.add(field, "may hold lower-case letters, digits and inner hyphens only")
	}
}

func (v *violations) checkCluster(id string) {
	switch id {
	case store.ClusterID:
	case "":
		v.add("clusterId", "is required")
	default:
		v.add("clusterId", "is no cluster of this control plane")
	}
}
