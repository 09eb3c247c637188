package contract

import (
	"reflect"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
)

// detailsOf are the details of a status, as they lie in it: not to be changed.
//
// The status package gives its details out in two ways: decoded through the registry of linked types, or in a deep
// copy of the status. Either costs more than the rest of an error answer, so the message is taken where it lies, by
// reflection. A version of grpc-go that keeps it elsewhere gets the copy; TestReadableInPlace says so.
func detailsOf(st *status.Status) []*anypb.Any {
	if !readableInPlace {
		return st.Proto().GetDetails()
	}
	return (*spb.Status)(reflect.ValueOf(st).Elem().Field(statusMessage).UnsafePointer()).GetDetails()
}

var statusMessage, readableInPlace = fieldOf[status.Status, *spb.Status]("s")

// fieldOf finds a field of a struct by its name and type.
func fieldOf[Struct, Field any](name string) (index int, ok bool) {
	field, ok := reflect.TypeFor[Struct]().FieldByName(name)
	if !ok || len(field.Index) != 1 || field.Type != reflect.TypeFor[Field]() {
		return 0, false
	}
	return field.Index[0], true
}
