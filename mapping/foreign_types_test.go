package mapping_test

import (
	"net/http"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/mapping"
)

// The types below have the exported fields and methods that other libraries document for their errors. The module
// internal/interop tests the libraries themselves.

func init() {
	const (
		connect    = "connectrpc.com/connect"
		googleapi  = "google.golang.org/api/googleapi"
		kubernetes = "k8s.io/apimachinery/pkg/api/errors"
		gax        = "github.com/googleapis/gax-go/v2/apierror"
		gateway    = "github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	)
	mapping.ActAs((*googleError)(nil), googleapi, "Error")
	mapping.ActAs((*googleWithoutTypes)(nil), googleapi, "Error")
	mapping.ActAs((*googleCode)(nil), googleapi, "Error")
	mapping.ActAs((*empty)(nil), googleapi, "Error")
	mapping.ActAs((*kubernetesError)(nil), kubernetes, "StatusError")
	mapping.ActAs((*kubernetesWithoutStatus)(nil), kubernetes, "StatusError")
	mapping.ActAs((*kubernetesWithoutTypes)(nil), kubernetes, "StatusError")
	mapping.ActAs((*connectError)(nil), connect, "Error")
	mapping.ActAs((*connectWithoutTypes)(nil), connect+"/v2", "Error")
	mapping.ActAs((*connectWithArgument)(nil), connect, "Error")
	mapping.ActAs((*connectWithoutText)(nil), connect, "Error")
	mapping.ActAs((*gaxError)(nil), gax, "APIError")
	mapping.ActAs((*gatewayWithoutTypes)(nil), gateway, "HTTPStatusError")
}

// text is the method Error of the types below. It must never reach a client.
type text struct{}

func (text) Error() string { return "secret" }

// googleError is a googleapi.Error.
type googleError struct {
	text
	Code    int
	Message string
	Body    string
	Header  http.Header
}

// googleWithoutTypes has fields of other types.
type googleWithoutTypes struct {
	text
	Code    int64
	Message []string
	Body    []byte
	Header  map[string]string
}

// googleCode has one field.
type googleCode struct {
	text
	Code int
}

// empty is a type without fields.
type empty struct{ text }

// kubernetesError is an errors.StatusError of client-go.
type kubernetesError struct {
	text
	ErrStatus kubernetesStatus
}

// kubernetesStatus is a metav1.Status.
type kubernetesStatus struct {
	Message string
	Reason  kubernetesReason
	Details *kubernetesDetails
	Code    int32
}

type kubernetesReason string

type kubernetesDetails struct {
	Name              string
	RetryAfterSeconds int32
}

// kubernetesWithoutStatus has another field.
type kubernetesWithoutStatus struct {
	text
	ErrStatus *kubernetesStatus
}

// kubernetesWithoutTypes has fields of other types.
type kubernetesWithoutTypes struct {
	text
	ErrStatus struct {
		Code    int
		Message int
		Reason  int
		Details kubernetesDetails
	}
}

// connectError is a connect.Error.
type connectError struct {
	text
	code    uint32
	message string
	details []*connectDetail
}

func (e *connectError) Code() connectCode         { return connectCode(e.code) }
func (e *connectError) Message() string           { return e.message }
func (e *connectError) Details() []*connectDetail { return e.details }

type connectCode uint32

// connectDetail is a connect.ErrorDetail.
type connectDetail struct{ message proto.Message }

func (d *connectDetail) Type() string {
	return string(d.message.ProtoReflect().Descriptor().FullName())
}
func (d *connectDetail) Bytes() []byte {
	value, err := proto.Marshal(d.message)
	if err != nil {
		panic(err)
	}
	return value
}

// connectWithoutTypes has a detail of another type.
type connectWithoutTypes struct {
	text
	details any
}

func (connectWithoutTypes) Code() uint32    { return 5 }
func (connectWithoutTypes) Message() string { return "no such thing" }
func (e connectWithoutTypes) Details() any  { return e.details }

// connectWithArgument has a method Code with an argument.
type connectWithArgument struct{ text }

func (connectWithArgument) Code(code uint32) uint32 { return code }
func (connectWithArgument) Message() string         { return "no such thing" }

// connectWithoutText has a code and no message.
type connectWithoutText struct{ text }

func (connectWithoutText) Code() uint32 { return 5 }

// twirpError is a twirp.Error.
type twirpError struct {
	text
	code  twirpCode
	msg   string
	meta  map[string]string
	cause error
}

func (e *twirpError) Code() twirpCode            { return e.code }
func (e *twirpError) Msg() string                { return e.msg }
func (e *twirpError) MetaMap() map[string]string { return e.meta }
func (e *twirpError) Unwrap() error              { return e.cause }

type twirpCode string

// twirpNumber has a code of another type, twirpPair has a code and an error, and twirpWithoutCode has none of them.
type (
	twirpWithoutCode struct{ text }
	twirpNumber      struct{ twirpWithoutCode }
	twirpPair        struct{ twirpWithoutCode }
)

func (twirpWithoutCode) Msg() string                { return "no hat" }
func (twirpWithoutCode) MetaMap() map[string]string { return nil }
func (twirpNumber) Code() int                       { return 5 }
func (twirpPair) Code() (string, error)             { return "not_found", nil }

// gaxError is an apierror.APIError.
type gaxError struct {
	text
	status *status.Status
	http   int
	err    error
}

func (e *gaxError) GRPCStatus() *status.Status { return e.status }
func (e *gaxError) HTTPCode() int              { return e.http }
func (e *gaxError) Unwrap() error              { return e.err }

// similar has the methods of an apierror.APIError.
type similar struct{ *gaxError }

// gatewayWithoutTypes has the name of runtime.HTTPStatusError and fields of other types.
type gatewayWithoutTypes struct {
	text
	HTTPStatus string
	Err        string
}
