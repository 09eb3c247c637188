package explorer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
)

// findings says how an answer differs from the page of statuses, from the Error schema of the API and from RFC 9110,
// sections 11.6.1 and 15.5.6. It knows nothing of who answered, and is never nil.
func findings(response *http.Response, body []byte, documented int) []string {
	found := []string{}
	if response.StatusCode != documented {
		found = append(found, fmt.Sprintf("%d, where %d is documented", response.StatusCode, documented))
	}
	if documented >= http.StatusBadRequest && !isDocumentedError(body, response.StatusCode) {
		found = append(found, "not the documented error body")
	}
	if documented == http.StatusMethodNotAllowed && response.Header.Get("Allow") == "" {
		found = append(found, "no Allow header")
	}
	if documented == http.StatusUnauthorized && !challenge.MatchString(response.Header.Get("WWW-Authenticate")) {
		found = append(found, "WWW-Authenticate is no challenge")
	}
	return found
}

// isDocumentedError reports whether a body is the API's error for a status: code, message and details, if any.
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

// challenge is a scheme, with parameters if any.
var challenge = func() *regexp.Regexp {
	const (
		token     = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
		parameter = token + `=(?:` + token + `|"(?:[^"\\]|\\.)*")`
	)
	return regexp.MustCompile(`^` + token + `(?: +` + parameter + `(?: *, *` + parameter + `)*)?$`)
}()
