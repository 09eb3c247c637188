package mapping

import (
	"reflect"
	"slices"
)

// gatewayError finds grpc-gateway's runtime.HTTPStatusError in a chain: services that run in the gateway's process
// return it to choose a status, and shall be able to leave that process. The type has no methods to know it by, and
// importing it would bring grpc-gateway into every service, so it is known by its name.
func gatewayError(err error) (httpStatus int, inner error, ok bool) {
	for err != nil {
		value := reflect.ValueOf(err)
		if value.Kind() == reflect.Pointer && !value.IsNil() && isGatewayError(value.Type().Elem()) {
			inner, _ = value.Elem().FieldByName("Err").Interface().(error)
			return int(value.Elem().FieldByName("HTTPStatus").Int()), inner, true
		}
		switch wrapper := err.(type) { //nolint:errorlint // this is the walk
		case interface{ Unwrap() error }:
			err = wrapper.Unwrap()
		case interface{ Unwrap() []error }:
			i := slices.IndexFunc(wrapper.Unwrap(), func(err error) bool {
				httpStatus, inner, ok = gatewayError(err)
				return ok
			})
			return httpStatus, inner, i >= 0
		default:
			return 0, nil, false
		}
	}
	return 0, nil, false
}

func isGatewayError(t reflect.Type) bool {
	return t.Name() == "HTTPStatusError" && t.PkgPath() == "github.com/grpc-ecosystem/grpc-gateway/v2/runtime" &&
		t.Kind() == reflect.Struct && hasField(t, "HTTPStatus", reflect.Int) && hasField(t, "Err", reflect.Interface)
}

func hasField(t reflect.Type, name string, kind reflect.Kind) bool {
	field, ok := t.FieldByName(name)
	return ok && field.Type.Kind() == kind
}
