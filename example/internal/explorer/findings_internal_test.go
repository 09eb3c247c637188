package explorer

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFindings(t *testing.T) {
	const ours = `{"code":405,"message":"no"}`
	for _, test := range []struct {
		name               string
		documented, status int
		header, value      string
		body               string
		want               []string
	}{
		{"a success", 200, 200, "", "", `{"anything":1}`, nil},
		{"another success", 202, 200, "", "", `{}`, []string{"200, where 202 is documented"}},
		{"an error", 404, 404, "", "", `{"code":404,"message":"no"}`, nil},
		{"an error with details", 404, 404, "", "", `{"code":404,"message":"no","details":"a: b"}`, nil},
		{"another code", 404, 404, "", "", `{"code":5,"message":"no"}`, []string{"not the documented error body"}},
		{"other details", 404, 404, "", "", `{"code":404,"message":"no","details":[]}`, []string{"not the documented error body"}},
		{"other members", 404, 404, "", "", `{"code":404,"message":"no","status":"NOT_FOUND"}`, []string{"not the documented error body"}},
		{"no message", 404, 404, "", "", `{"code":404,"message":""}`, []string{"not the documented error body"}},
		{"a page", 502, 502, "", "", `<html>`, []string{"not the documented error body"}},
		{"a method", 405, 405, "Allow", "GET", ours, nil},
		{"a method, and no other", 405, 405, "", "", ours, []string{"no Allow header"}},
		{"a challenge", 401, 401, "Www-Authenticate", "Bearer", `{"code":401,"message":"no"}`, nil},
		{"a challenge with parameters", 401, 401, "Www-Authenticate", `Bearer realm="a \"b", error=c`, `{"code":401,"message":"no"}`, nil},
		{"no challenge", 401, 401, "", "", `{"code":401,"message":"no"}`, []string{"WWW-Authenticate is no challenge"}},
		{"a sentence", 401, 401, "Www-Authenticate", "a bearer token is required", `{"code":401,"message":"no"}`,
			[]string{"WWW-Authenticate is no challenge"}},
	} {
		response := &http.Response{StatusCode: test.status, Header: http.Header{}}
		if test.header != "" {
			response.Header.Set(test.header, test.value)
		}
		if diff := cmp.Diff(append([]string{}, test.want...), findings(response, []byte(test.body), test.documented)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}
