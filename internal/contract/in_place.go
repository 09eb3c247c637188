package contract

import (
	"reflect"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
)

// eachDetail calls f with the type and the wire form of each detail of a status. f must not keep the bytes.
//
// The status package gives its details out in two ways: decoded through the registry of linked types, or in a deep
// copy of the status. Either costs more than the rest of an error answer, so the message is read where it lies, by
// reflection and without changing it. A version of grpc-go that keeps it elsewhere gets the copy;
// TestReadableInPlace says so.
func eachDetail(st *status.Status, f func(typeURL string, value []byte)) {
	if !readableInPlace {
		for _, detail := range st.Proto().GetDetails() {
			f(detail.GetTypeUrl(), detail.GetValue())
		}
		return
	}
	message := reflect.ValueOf(st).Elem().Field(statusMessage)
	if message.IsNil() {
		return
	}
	details := message.Elem().Field(messageDetails)
	for i := range details.Len() {
		if detail := details.Index(i); !detail.IsNil() {
			f(detail.Elem().Field(anyTypeURL).String(), detail.Elem().Field(anyValue).Bytes())
		}
	}
}

var (
	statusMessage, inStatus   = fieldOf[status.Status, *spb.Status]("s")
	messageDetails, inMessage = fieldOf[spb.Status, []*anypb.Any]("Details")
	anyTypeURL, inURL         = fieldOf[anypb.Any, string]("TypeUrl")
	anyValue, inValue         = fieldOf[anypb.Any, []byte]("Value")

	readableInPlace = inStatus && inMessage && inURL && inValue
)

// fieldOf finds a field of a struct by its name and type.
func fieldOf[Struct, Field any](name string) (index int, ok bool) {
	field, ok := reflect.TypeFor[Struct]().FieldByName(name)
	if !ok || len(field.Index) != 1 || field.Type != reflect.TypeFor[Field]() {
		return 0, false
	}
	return field.Index[0], true
}
