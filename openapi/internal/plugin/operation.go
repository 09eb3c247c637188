package plugin

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/pb33f/libopenapi/datamodel/high/base"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
	"github.com/pb33f/libopenapi/orderedmap"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const jsonType = "application/json"

// httpBody is the schema that protoc-gen-openapiv3 gives raw bytes.
const httpBody = "#/components/schemas/google.api.HttpBody"

// completeOperation replaces the responses of an operation by those that its method has.
func completeOperation(operation *v3.Operation, method protoreflect.MethodDescriptor) error {
	a, err := answersOf(method)
	if err != nil {
		return err
	}
	generated := operation.Responses.Codes.GetOrZero("200")
	if generated == nil {
		return fmt.Errorf("%s: %s gave it no response", method.FullName(), generator)
	}
	content, err := successContent(generated.Content, method)
	if err != nil {
		return err
	}
	codes := orderedmap.New[string, *v3.Response]()
	for _, status := range a.statuses {
		if isError(status) {
			codes.Set(strconv.Itoa(status), errorResponse(status, a.descriptions[status]))
			continue
		}
		response := &v3.Response{Description: describe(status, a.descriptions[status])}
		// RFC 9110: neither has content.
		if status != http.StatusNoContent && status != http.StatusResetContent {
			response.Content = content
			if isChunked(method) {
				response.Description += " " + chunksDescription
			}
		}
		codes.Set(strconv.Itoa(status), response)
	}
	operation.Responses.Codes = codes
	return nil
}

// isChunked reports whether runtime.ForwardResponseStream wraps the method's messages: a stream of anything but bytes.
func isChunked(method protoreflect.MethodDescriptor) bool {
	return method.IsStreamingServer() && method.Output().FullName() != "google.api.HttpBody"
}

const chunksDescription = "The body is a sequence of these objects, one for each message, each on a line of its own. " +
	"An error that comes after the first of them is the last."

// successContent corrects the generated content. An HttpBody is any bytes under any type. A stream is described by one
// of its chunks, which is as far as OpenAPI 3.1 goes, with the error that may end it.
func successContent(
	content *orderedmap.Map[string, *v3.MediaType], method protoreflect.MethodDescriptor,
) (*orderedmap.Map[string, *v3.MediaType], error) {
	media := content.GetOrZero(jsonType)
	if media == nil || media.Schema == nil {
		return nil, fmt.Errorf("%s: %s gave its response no schema", method.FullName(), generator)
	}
	if media.Schema.GetReference() == httpBody {
		raw := orderedmap.New[string, *v3.MediaType]()
		raw.Set("*/*", &v3.MediaType{
			Schema: base.CreateSchemaProxy(&base.Schema{Type: []string{"string"}, Format: "binary"}),
		})
		return raw, nil
	}
	if isChunked(method) {
		media.Schema.Schema().Properties.Set("error", base.CreateSchemaProxyRef(errorReference))
	}
	return content, nil
}
