package plugin_test

import (
	"strings"
	"testing"
)

// TestRecursiveQuery bounds the time that a recursive request takes. protoc-gen-openapiv3 writes a single chain, and
// never ends if a message contains itself twice.
func TestRecursiveQuery(t *testing.T) {
	list := method("List", `get: "/v1/things"`, "")
	t.Run("once", func(t *testing.T) {
		read := document(t, api(t, "", `message Request { string text = 1; Request child = 2; }`, list))
		if got := len(read.Paths.Find("/v1/things").Get.Parameters); got < 2 {
			t.Errorf("there are %d parameters", got)
		}
	})
	for name, declarations := range map[string]string{
		"twice":              `message Request { string text = 1; Request left = 2; Request right = 3; }`,
		"without parameters": `message Request { Request left = 2; Request right = 3; }`,
		"nested": `message Request { Filter filter = 1; }
			message Filter { And and = 1; And or = 2; string text = 3; }
			message And { Filter left = 1; Filter right = 2; }`,
	} {
		t.Run(name, func(t *testing.T) {
			got := refusal(t, api(t, "", declarations, list))
			const want = "GET /v1/things (api.Api.List): the request api.Request has more than 5000 query parameters"
			if !strings.Contains(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	t.Run("in the body", func(t *testing.T) {
		document(t, api(t, "", `message Request { Request left = 2; Request right = 3; }`,
			method("Post", `post: "/v1/things" body: "*"`, "")))
	})
	t.Run("repeated", func(t *testing.T) {
		document(t, api(t, "", `message Request {
			repeated Request left = 2; map<string, Request> right = 3; string text = 1;
		}`, list))
	})
	t.Run("hidden", func(t *testing.T) {
		document(t, api(t, "", `message Request { Request left = 2;
			Request right = 3 [(google.api.field_visibility).restriction = "INTERNAL"]; string text = 1; }`, list))
	})
}
