package plugin

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"github.com/pb33f/libopenapi/datamodel/high/base"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
	"github.com/pb33f/libopenapi/orderedmap"

	"github.com/statusbridge/statusbridge/mapping"
)

// errorName is the component that the published document has under this name, too.
const (
	errorName      = "Error"
	errorReference = "#/components/schemas/" + errorName
)

// addErrors adds the error body and a response for each documented error. 405 is there for readers and for code that is
// written by hand: no operation refers to it.
func addErrors(components *v3.Components) error {
	if components.Schemas == nil {
		components.Schemas = orderedmap.New[string, *base.SchemaProxy]()
	}
	if _, taken := components.Schemas.Get(errorName); taken {
		return errors.New("a message without a package is named " + errorName + ", as the body of every error is")
	}
	components.Schemas.Set(errorName, base.CreateSchemaProxy(errorBody()))
	components.Responses = orderedmap.New[string, *v3.Response]()
	for _, row := range mapping.Rows() {
		if isError(row.HTTPStatus) {
			components.Responses.Set(responseName(row.HTTPStatus), newErrorResponse(row.HTTPStatus, row.Meaning))
		}
	}
	return nil
}

// errorBody is the schema of the published document.
func errorBody() *base.Schema {
	typed := func(name string) *base.SchemaProxy {
		return base.CreateSchemaProxy(&base.Schema{Type: []string{name}})
	}
	properties := orderedmap.New[string, *base.SchemaProxy]()
	properties.Set("code", typed("integer"))
	properties.Set("message", typed("string"))
	properties.Set("details", typed("string"))
	return &base.Schema{Type: []string{"object"}, Properties: properties, Required: []string{"code", "message"}}
}

// errorResponse is what an operation has for an error: a reference, or a response of its own where there is more to say.
func errorResponse(status int, description string) *v3.Response {
	if description == "" && meaning(status) != "" {
		return v3.CreateResponseRef("#/components/responses/" + responseName(status))
	}
	return newErrorResponse(status, describe(status, description))
}

func newErrorResponse(status int, description string) *v3.Response {
	content := orderedmap.New[string, *v3.MediaType]()
	content.Set(jsonType, &v3.MediaType{Schema: base.CreateSchemaProxyRef(errorReference)})
	return &v3.Response{Description: description, Headers: errorHeaders(status), Content: content}
}

// errorHeaders are the headers that are more than framing.
func errorHeaders(status int) *orderedmap.Map[string, *v3.Header] {
	headers := orderedmap.New[string, *v3.Header]()
	header := func(name, kind, description string, required bool) {
		schema := &base.Schema{Type: []string{kind}}
		headers.Set(name, &v3.Header{
			Description: description, Required: required, Schema: base.CreateSchemaProxy(schema),
		})
	}
	switch status {
	case http.StatusUnauthorized:
		header("WWW-Authenticate", "string", "How to authenticate (RFC 9110 section 11.6.1).", true)
	case http.StatusMethodNotAllowed:
		header("Allow", "string", "The methods that the path has (RFC 9110 section 10.2.1).", true)
	case http.StatusServiceUnavailable:
		header("Retry-After", "integer", "The seconds to wait before a retry, where they are known (RFC 9110 section 10.2.3).", false)
	}
	return headers
}

// responseName is the component of a documented error: BadRequest, Unauthorized, ...
func responseName(status int) string {
	return strings.ReplaceAll(http.StatusText(status), " ", "")
}

// describe is an annotation's sentence, or else the page's. OpenAPI wants one for a status outside the page, too.
func describe(status int, description string) string {
	return cmp.Or(description, meaning(status), http.StatusText(status), "The status is not registered.")
}

// meaning is the page's sentence for a status, empty for a status that is not on the page.
func meaning(status int) string {
	for _, row := range mapping.Rows() {
		if row.HTTPStatus == status {
			return row.Meaning
		}
	}
	return ""
}
