package explorer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"

	"github.com/statusbridge/statusbridge/mapping"
)

// check is the result of comparing one part of a response with the contract.
type check struct {
	// Part is "status", "body" or "header".
	Part string `json:"part"`
	Good bool   `json:"good"`
	// Text describes the result. Short is one word for the part.
	Text  string `json:"text"`
	Short string `json:"short"`
}

// checks compares a response with the documented statuses, the Error schema of the API, and RFC 9110 (11.6.1, 15.5.6).
// The expected status is documented, or any documented status if that is 0. Both gateways get the same checks.
func checks(response *http.Response, body []byte, documented int) []check {
	found := []check{checkStatus(response.StatusCode, documented)}
	if documented == 0 {
		documented = response.StatusCode
	}
	if documented >= http.StatusBadRequest {
		found = append(found, checkBody(body, response.StatusCode))
	}
	if address.Match(body) {
		found = append(found, check{Part: "body", Text: "shows an internal address", Short: "address"})
	}
	switch documented {
	case http.StatusMethodNotAllowed:
		found = append(found, checkAllow(response.Header.Get("Allow")))
	case http.StatusUnauthorized:
		found = append(found, checkChallenge(response.Header.Get("WWW-Authenticate")))
	}
	return found
}

func checkStatus(status, documented int) check {
	anyStatus := documented == 0
	good := status == documented || anyStatus && slices.ContainsFunc(mapping.Rows(), func(row mapping.Row) bool {
		return row.HTTPStatus == status
	})
	c := check{Part: "status", Good: good, Text: "documented status", Short: "status"}
	switch {
	case good:
	case anyStatus:
		c.Text = fmt.Sprintf("%d is not documented", status)
	default:
		c.Text = fmt.Sprintf("%d instead of %d", status, documented)
	}
	return c
}

func checkBody(body []byte, status int) check {
	if isDocumentedError(body, status) {
		return check{Part: "body", Good: true, Text: "documented error body", Short: "body"}
	}
	return check{Part: "body", Text: "another error body", Short: "body"}
}

// isDocumentedError reports whether a body is the API's error for a status: code, message and optional details.
func isDocumentedError(body []byte, status int) bool {
	var documented struct {
		Code    int     `json:"code"`
		Message string  `json:"message"`
		Details *string `json:"details"`
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	return decoder.Decode(&documented) == nil && documented.Code == status && documented.Message != ""
}

func checkAllow(value string) check {
	if methods.MatchString(value) {
		return check{Part: "header", Good: true, Text: "Allow lists the methods", Short: "Allow"}
	}
	return check{Part: "header", Text: "no Allow header", Short: "Allow"}
}

func checkChallenge(value string) check {
	if challenge.MatchString(value) {
		return check{Part: "header", Good: true, Text: "WWW-Authenticate challenge", Short: "challenge"}
	}
	return check{Part: "header", Text: "no WWW-Authenticate challenge", Short: "challenge"}
}

// address matches the address of a service.
var address = regexp.MustCompile(`\d+\.\d+\.\d+\.\d+:\d+`)

// methods matches a list of methods.
var methods = regexp.MustCompile(`^[A-Z]+(?:, [A-Z]+)*$`)

// challenge matches an authentication scheme with optional parameters.
var challenge = func() *regexp.Regexp {
	const (
		token     = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
		parameter = token + `=(?:` + token + `|"(?:[^"\\]|\\.)*")`
	)
	return regexp.MustCompile(`^` + token + `(?: +` + parameter + `(?: *, *` + parameter + `)*)?$`)
}()
