package plugin

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	v2options "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"

	statusbridgev1 "github.com/statusbridge/statusbridge/openapi/internal/statusbridgev1"
)

// responses are the descriptions of a method's responses by their keys. A description is empty if the documented
// sentence of the status fits.
type responses map[string]string

func (r responses) keys() []string { return slices.Sorted(maps.Keys(r)) }

// unavoidable are the errors of every method. The gateway sends 400 for a request that it cannot read, 500 for a panic,
// and 502, 503 and 504 for a backend that fails. A service older than the gateway's protos sends 501.
var unavoidable = []int{
	http.StatusBadRequest, http.StatusInternalServerError, http.StatusNotImplemented,
	http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

// chosen lists the errors that only a service sends. 405 is not in the list, because routing sends it for requests that
// match no operation.
var chosen = []int{
	http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict,
}

// responsesOf returns the responses of a method. It reads the options success and errors, and the responses in the
// annotations of protoc-gen-openapiv2 for the method and its file. If they declare a success, 200 is not assumed. If
// they declare an error, the chosen errors are not assumed.
func responsesOf(method protoreflect.MethodDescriptor) (responses, error) {
	declared := responses{}
	file, _ := proto.GetExtension(method.ParentFile().Options(), v2options.E_Openapiv2Swagger).(*v2options.Swagger)
	operation, _ := proto.GetExtension(method.Options(), v2options.E_Openapiv2Operation).(*v2options.Operation)
	for _, annotated := range []map[string]*v2options.Response{file.GetResponses(), operation.GetResponses()} {
		for _, key := range slices.Sorted(maps.Keys(annotated)) {
			if key == "default" {
				continue // each status has its own response
			}
			if !responseKey.MatchString(key) {
				return nil, fmt.Errorf("%s: a response has the key %q: "+
					"a status from 100 to 599 or a class such as 4XX is allowed", method.FullName(), key)
			}
			declared[key] = cmp.Or(annotated[key].GetDescription(), declared[key])
		}
	}
	success, _ := proto.GetExtension(method.Options(), statusbridgev1.E_Success).(statusbridgev1.HttpStatus)
	if success != 0 {
		if err := declared.add(int(success), isSuccess); err != nil {
			return nil, fmt.Errorf("%s: the option success declares %w", method.FullName(), err)
		}
	}
	errors, _ := proto.GetExtension(method.Options(), statusbridgev1.E_Errors).([]statusbridgev1.HttpStatus)
	for _, status := range errors {
		if err := declared.add(int(status), isError); err != nil {
			return nil, fmt.Errorf("%s: the option errors declares %w", method.FullName(), err)
		}
	}
	declared.assume(isSuccess, http.StatusOK)
	declared.assume(isError, chosen...)
	for _, status := range unavoidable {
		_ = declared.add(status, isError)
	}
	return declared, nil
}

// responseKey matches the keys of a Responses Object (OpenAPI 3.1.1 section 4.8.16.2), without "default".
var responseKey = regexp.MustCompile(`^[1-5](\d\d|XX)$`)

func isSuccess(key string) bool { return key[0] == '2' }

func isError(key string) bool { return key[0] == '4' || key[0] == '5' }

// add adds a status and keeps its description. It returns an error if the status is of the wrong kind.
func (r responses) add(status int, kind func(string) bool) error {
	key := strconv.Itoa(status)
	if !kind(key) {
		return fmt.Errorf("%d, which is no such status", status)
	}
	if _, declared := r[key]; !declared {
		r[key] = ""
	}
	return nil
}

// assume adds statuses if no response is of their kind.
func (r responses) assume(kind func(string) bool, statuses ...int) {
	for key := range r {
		if kind(key) {
			return
		}
	}
	for _, status := range statuses {
		_ = r.add(status, kind)
	}
}
