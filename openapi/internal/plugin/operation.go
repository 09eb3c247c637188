package plugin

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/pb33f/libopenapi/datamodel/high/base"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
	"github.com/pb33f/libopenapi/orderedmap"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const jsonType = "application/json"

// httpBody is the schema that protoc-gen-openapiv3 gives raw bytes.
const httpBody = "#/components/schemas/google.api.HttpBody"

// operation is the generated operation of a binding.
type operation struct {
	*binding
	generated *v3.Operation
	// templated is the path without the names of fields, as OpenAPI has it.
	templated string
}

// operationsOf returns the operations of a merged document in the order of their bindings.
func operationsOf(paths *v3.Paths, bindings []*binding) ([]*operation, error) {
	found := make([]*operation, len(bindings))
	for marked, item := range paths.PathItems.FromOldest() {
		for _, generated := range item.GetOperations().FromOldest() {
			number, path, err := unmark(marked, len(bindings))
			if err != nil {
				return nil, err
			}
			found[number] = &operation{binding: bindings[number], generated: generated, templated: path}
		}
	}
	return slices.DeleteFunc(found, func(o *operation) bool { return o == nil }), nil
}

// setResponses replaces the generated responses by those that the method has.
func (o *operation) setResponses() error {
	declared, err := responsesOf(o.method)
	if err != nil {
		return err
	}
	generated := o.generated.Responses.Codes.GetOrZero("200")
	if generated == nil {
		return fmt.Errorf("%s: %s gave it no response", o.binding, generator)
	}
	content, err := successContent(generated.Content, o.method)
	if err != nil {
		return fmt.Errorf("%s: %w", o.binding, err)
	}
	codes := orderedmap.New[string, *v3.Response]()
	for _, key := range declared.keys() {
		description := declared[key]
		switch {
		case isError(key):
			codes.Set(key, errorResponse(key, description))
			continue
		case description == "" && key == "200" && generated.Description != defaultDescription:
			description = generated.Description // the comment of the message
		}
		response := &v3.Response{Description: describe(key, description)}
		if isSuccess(key) && !isEmpty(key) {
			response.Content = content
			if isChunked(o.method) {
				response.Description += " " + chunksDescription
			}
		}
		codes.Set(key, response)
	}
	o.generated.Responses.Codes = codes
	return nil
}

// defaultDescription is what protoc-gen-openapiv3 writes for a message without a comment.
const defaultDescription = "A successful response."

// isEmpty reports whether a success is sent without content (RFC 9110 sections 15.3.5 and 15.3.6).
func isEmpty(key string) bool {
	return key == strconv.Itoa(http.StatusNoContent) || key == strconv.Itoa(http.StatusResetContent)
}

// isChunked reports whether runtime.ForwardResponseStream wraps the method's messages: a stream of anything but bytes.
func isChunked(method protoreflect.MethodDescriptor) bool {
	return method.IsStreamingServer() && method.Output().FullName() != "google.api.HttpBody"
}

const chunksDescription = "The body has one of these objects for each message, each on a line. If an error comes " +
	"after the first message, it is the last object. Without messages the body is empty and has no Content-Type."

// successContent corrects the generated content. An HttpBody is any bytes with any type. A stream is described by one
// of its objects, with the error that may end it, because OpenAPI 3.1 cannot describe a sequence.
func successContent(
	content *orderedmap.Map[string, *v3.MediaType], method protoreflect.MethodDescriptor,
) (*orderedmap.Map[string, *v3.MediaType], error) {
	media := content.GetOrZero(jsonType)
	if media == nil || media.Schema == nil {
		return nil, fmt.Errorf("%s gave its response no schema", generator)
	}
	if media.Schema.GetReference() == httpBody {
		// OpenAPI 3.1 cannot describe bytes that may be JSON or anything else by a schema.
		anything := orderedmap.New[string, *v3.MediaType]()
		anything.Set("*/*", &v3.MediaType{})
		return anything, nil
	}
	if isChunked(method) {
		media.Schema.Schema().Properties.Set("error", base.CreateSchemaProxyRef(errorReference))
	}
	return content, nil
}

// joinArrays documents that the array parameters of the query are joined with commas.
func joinArrays(generated *v3.Operation) {
	for _, parameter := range generated.Parameters {
		if parameter.In == "query" && parameter.Schema != nil && !parameter.Schema.IsReference() &&
			slices.Contains(parameter.Schema.Schema().Type, "array") {
			explode := false
			parameter.Style, parameter.Explode = "form", &explode
		}
	}
}
