package plugin

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/pb33f/libopenapi/datamodel/high/base"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
	"github.com/pb33f/libopenapi/orderedmap"
)

// errorName is the component that the published document has with this name, too.
const (
	errorName      = "Error"
	errorReference = "#/components/schemas/" + errorName
)

// addErrors adds the error body and a response for each documented error. No operation has 405 unless it is declared:
// the component is for readers and for code that is written by hand.
func addErrors(components *v3.Components) error {
	if components.Schemas == nil {
		components.Schemas = orderedmap.New[string, *base.SchemaProxy]()
	}
	if _, taken := components.Schemas.Get(errorName); taken {
		return errors.New("a message without a package is named " + errorName + ", like the body of every error")
	}
	components.Schemas.Set(errorName, base.CreateSchemaProxy(errorBody()))
	components.Responses = orderedmap.New[string, *v3.Response]()
	for _, row := range rows() {
		if key := strconv.Itoa(row.status); isError(key) {
			components.Responses.Set(responseName(row.status), newErrorResponse(row.status, row.meaning))
		}
	}
	return nil
}

// errorBody returns the schema of the published document.
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

// errorResponse returns an operation's response for an error: a reference, or a whole response if the status is not
// documented or has a description.
func errorResponse(key, description string) *v3.Response {
	status, _ := strconv.Atoi(key)
	if description == "" && meaning(status) != "" {
		return v3.CreateResponseRef("#/components/responses/" + responseName(status))
	}
	return newErrorResponse(status, describe(key, description))
}

func newErrorResponse(status int, description string) *v3.Response {
	content := orderedmap.New[string, *v3.MediaType]()
	content.Set(jsonType, &v3.MediaType{Schema: base.CreateSchemaProxyRef(errorReference)})
	return &v3.Response{Description: description, Headers: errorHeaders(status), Content: content}
}

// errorHeaders returns the headers of an error that describe more than its body.
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
		header("Allow", "string", "The methods of the path (RFC 9110 section 10.2.1).", true)
	case http.StatusConflict, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		header("Retry-After", "integer",
			"The seconds to wait before a retry, if the service knows them (RFC 9110 section 10.2.3).", false)
	}
	return headers
}

// responseName returns the component of a documented error: BadRequest, Unauthorized and so on.
func responseName(status int) string {
	return strings.ReplaceAll(http.StatusText(status), " ", "")
}
