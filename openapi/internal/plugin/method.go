package plugin

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	v2options "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
)

// answers is what a method's proto says of its statuses.
type answers struct {
	// statuses are those that the method is documented with, in ascending order.
	statuses []int
	// descriptions are the sentences that annotations have for some of them.
	descriptions map[int]string
}

// unavoidable are the errors of every method, whatever its service does: the gateway itself answers 400 to what it
// cannot read, 500 to a panic, 502, 503 and 504 when the service's answer is none, missing or late; and a service that
// is older than the gateway's protos does not implement the method, which is 501.
var unavoidable = []int{
	http.StatusBadRequest, http.StatusInternalServerError, http.StatusNotImplemented,
	http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

// chosen are the errors that only a service decides on. 405 is not among them: a request that routing answers with it has
// not reached any operation.
var chosen = []int{
	http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict,
}

// answersOf reads the success option and the responses that the annotations of protoc-gen-openapiv2 name, which
// protoc-gen-openapiv3 has no counterpart for. Responses that are named for the method or its file take the place of
// what would be assumed: of 200 without the option, and of the chosen errors.
func answersOf(method protoreflect.MethodDescriptor) (*answers, error) {
	a := &answers{descriptions: map[int]string{}}
	statuses := map[int]bool{}
	for _, status := range unavoidable {
		statuses[status] = true
	}

	file, _ := proto.GetExtension(method.ParentFile().Options(), v2options.E_Openapiv2Swagger).(*v2options.Swagger)
	operation, _ := proto.GetExtension(method.Options(), v2options.E_Openapiv2Operation).(*v2options.Operation)
	succeeds, fails := false, false
	for _, responses := range []map[string]*v2options.Response{file.GetResponses(), operation.GetResponses()} {
		for key, response := range responses {
			if key == "default" {
				continue // every status of the page has its own
			}
			status, err := strconv.Atoi(key)
			if err != nil || !isSuccess(status) && !isError(status) {
				return nil, fmt.Errorf("%s: a response has the status %q", method.FullName(), key)
			}
			succeeds, fails = succeeds || isSuccess(status), fails || isError(status)
			statuses[status] = true
			a.descriptions[status] = response.GetDescription()
		}
	}
	if proto.HasExtension(method.Options(), statusbridgev1.E_Success) {
		declared := int(proto.GetExtension(method.Options(), statusbridgev1.E_Success).(statusbridgev1.HttpStatus))
		if declared != 0 && !isSuccess(declared) {
			return nil, fmt.Errorf("%s: the success option declares %d, which is none", method.FullName(), declared)
		}
		succeeds = succeeds || declared != 0
		statuses[declared] = declared != 0
	}
	if !succeeds {
		statuses[http.StatusOK] = true
	}
	if !fails {
		for _, status := range chosen {
			statuses[status] = true
		}
	}
	maps.DeleteFunc(statuses, func(_ int, answered bool) bool { return !answered })
	a.statuses = slices.Sorted(maps.Keys(statuses))
	return a, nil
}

func isSuccess(status int) bool { return status >= 200 && status < 300 }

func isError(status int) bool { return status >= 400 && status < 600 }
