package service

import (
	"fmt"
	"regexp"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/example/internal/store"
)

// violations collects all errors of a request, so that the client reads them at once.
type violations []*errdetails.BadRequest_FieldViolation

func (v *violations) add(field, format string, args ...any) {
	*v = append(*v, &errdetails.BadRequest_FieldViolation{Field: field, Description: fmt.Sprintf(format, args...)})
}

// err returns nil if violations is empty. The error is a plain gRPC status with a google.rpc.BadRequest, as
// services in any language send it. The gateway sends the violations as the details text.
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

// kubernetesName matches the name of a Kubernetes namespace or pod: a label of RFC 1123.
var kubernetesName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// maxName is the maximal length of such a label.
const maxName = 63

func (v *violations) checkName(field, name string, maxLength int) {
	switch {
	case name == "":
		v.add(field, "is required")
	case len(name) > maxLength:
		v.add(field, "is longer than %d characters", maxLength)
	case !kubernetesName.MatchString(name):
		v.add(field, "must consist of lower-case letters, digits and inner hyphens")
	}
}

func (v *violations) checkCluster(id string) {
	switch id {
	case store.ClusterID:
	case "":
		v.add("clusterId", "is required")
	default:
		v.add("clusterId", "is not a cluster of this control plane")
	}
}
