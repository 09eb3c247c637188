package explorer

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChecks(t *testing.T) {
	const (
		ours      = `{"code":405,"message":"no"}`
		unauth    = `{"code":401,"message":"no"}`
		otherBody = "another error body"
		address   = "shows an internal address"
	)
	for _, test := range []struct {
		name               string
		documented, status int
		header, value      string
		body               string
		wrong              []string
	}{
		{"success", 200, 200, "", "", `{"anything":1}`, nil},
		{"another success", 202, 200, "", "", `{}`, []string{"200 instead of 202"}},
		{"error", 404, 404, "", "", `{"code":404,"message":"no"}`, nil},
		{"error with details", 404, 404, "", "", `{"code":404,"message":"no","details":"a: b"}`, nil},
		{"another code", 404, 404, "", "", `{"code":5,"message":"no"}`, []string{otherBody}},
		{"details as a list", 404, 404, "", "", `{"code":404,"message":"no","details":[]}`, []string{otherBody}},
		{"another member", 404, 404, "", "", `{"code":404,"message":"no","status":"NOT_FOUND"}`, []string{otherBody}},
		{"empty message", 404, 404, "", "", `{"code":404,"message":""}`, []string{otherBody}},
		{"HTML", 502, 502, "", "", `<html>`, []string{otherBody}},
		{"address", 503, 503, "", "", `{"code":503,"message":"dial 127.0.0.1:80"}`, []string{address}},
		{"Allow", 405, 405, "Allow", "GET, POST", ours, nil},
		{"no Allow", 405, 405, "", "", ours, []string{"no Allow header"}},
		{"challenge", 401, 401, "Www-Authenticate", "Bearer", unauth, nil},
		{"challenge with parameters", 401, 401, "Www-Authenticate", `Bearer realm="a \"b", error=c`, unauth, nil},
		{"no challenge", 401, 401, "", "", unauth, []string{"no WWW-Authenticate challenge"}},
		{"sentence as a challenge", 401, 401, "Www-Authenticate", "a bearer token is required", unauth,
			[]string{"no WWW-Authenticate challenge"}},
		{"any status: documented", 0, 204, "", "", "", nil},
		{"any status: error", 0, 404, "", "", `{"code":404,"message":"no"}`, nil},
		{"any status: not documented", 0, 429, "", "", `{"code":429,"message":"no"}`,
			[]string{"429 is not documented"}},
		{"any status: no Allow", 0, 405, "", "", ours, []string{"no Allow header"}},
	} {
		response := &http.Response{StatusCode: test.status, Header: http.Header{}}
		if test.header != "" {
			response.Header.Set(test.header, test.value)
		}
		var wrong []string
		for _, c := range checks(response, []byte(test.body), test.documented) {
			if !c.Good {
				wrong = append(wrong, c.Text)
			}
		}
		if diff := cmp.Diff(test.wrong, wrong); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}
