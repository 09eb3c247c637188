package plugin_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
)

const (
	v2Operation = `option (grpc.gateway.protoc_gen_openapiv2.options.openapiv2_operation) = `
	v2Swagger   = `option (grpc.gateway.protoc_gen_openapiv2.options.openapiv2_swagger) = `
)

// get returns the responses of a method with some options.
func get(t *testing.T, declarations, options string) *openapi3.Responses {
	t.Helper()
	read := document(t, api(t, "", declarations, method("Get", `get: "/v1/thing"`, options)))
	return read.Paths.Find("/v1/thing").Get.Responses
}

// unavoidable are the errors that every operation has.
const unavoidable = "400 500 501 502 503 504"

// TestDeclaredResponses compares the keys of an operation's responses with the declarations.
func TestDeclaredResponses(t *testing.T) {
	const (
		errors  = "option (statusbridge.v1.errors) = HTTP_STATUS_"
		success = "option (statusbridge.v1.success) = HTTP_STATUS_"
	)
	for name, test := range map[string]struct{ declarations, options, want string }{
		"nothing":        {"", "", "200 401 403 404 409 " + unavoidable},
		"success":        {"", success + "NO_CONTENT;", "204 401 403 404 409 " + unavoidable},
		"unspecified":    {"", success + "UNSPECIFIED;", "200 401 403 404 409 " + unavoidable},
		"one error":      {"", errors + "NOT_FOUND;", "200 404 " + unavoidable},
		"two errors":     {"", errors + "NOT_FOUND;" + errors + "FORBIDDEN;", "200 403 404 " + unavoidable},
		"the same twice": {"", errors + "NOT_FOUND;" + errors + "NOT_FOUND;", "200 404 " + unavoidable},
		"none but":       {"", errors + "BAD_REQUEST;", "200 " + unavoidable},
		"405":            {"", errors + "METHOD_NOT_ALLOWED;", "200 405 " + unavoidable},
		"annotation": {"", v2Operation + `{responses: {key: "202"} responses: {key: "429"}};`,
			"202 429 " + unavoidable},
		"annotated file": {v2Swagger + `{responses: {key: "401"}};`, "", "200 401 " + unavoidable},
		"both": {v2Swagger + `{responses: {key: "401"}};`, errors + "CONFLICT;",
			"200 401 409 " + unavoidable},
		"default": {"", v2Operation + `{responses: {key: "default"}};`, "200 401 403 404 409 " + unavoidable},
		"redirects": {"", v2Operation + `{responses: {key: "302"} responses: {key: "304"}};`,
			"200 302 304 401 403 404 409 " + unavoidable},
		"classes": {"", v2Operation + `{responses: {key: "2XX"} responses: {key: "4XX"}};`,
			"2XX 4XX " + unavoidable},
		"interim response": {"", v2Operation + `{responses: {key: "103"}};`, "103 200 401 403 404 409 " + unavoidable},
	} {
		t.Run(name, func(t *testing.T) {
			got := slices.Sorted(maps.Keys(get(t, test.declarations, test.options).Map()))
			want := strings.Fields(test.want)
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for options, want := range map[string]string{
		success + "CONFLICT;":   "api.Api.Get: the option success declares 409",
		errors + "NO_CONTENT;":  "api.Api.Get: the option errors declares 204",
		errors + "UNSPECIFIED;": "api.Api.Get: the option errors declares 0",

		v2Operation + `{responses: {key: "+404"}};`: `"+404": a status from 100 to 599 or a class such as 4XX`,

		v2Operation + `{responses: {key: "4xx"}};`:                          `"4xx"`,
		v2Operation + `{responses: {key: "600"}};`:                          `"600"`,
		v2Operation + `{responses: {key: "٤٠٤"}};`:                          `"٤٠٤"`,
		v2Operation + `{responses: {key: ""}};`:                             `""`,
		v2Operation + `{responses: {key: "404 "}};`:                         `"404 "`,
		v2Operation + `{responses: {key: "404"} responses: {key: "0404"}};`: `"0404"`,
	} {
		t.Run("refused "+options, func(t *testing.T) {
			got := refusal(t, api(t, "", "", method("Get", `get: "/v1/thing"`, options)))
			if !strings.Contains(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestDescriptions keeps every sentence that a proto has for a response.
func TestDescriptions(t *testing.T) {
	const comment = "// Thing is the one.\nmessage Thing { string id = 1; }"
	thing := strings.Replace(method("Get", `get: "/v1/thing"`, ""), "(Response)", "(Thing)", 1)
	commented := document(t, api(t, "", comment, thing)).Paths.Find("/v1/thing").Get.Responses
	annotated := get(t, v2Swagger+`{responses: {key: "404" value: {description: "Nothing here."}}};`, v2Operation+`{
		responses: {key: "200" value: {description: "The thing."}}
		responses: {key: "404"}
		responses: {key: "429"}
		responses: {key: "499"}
		responses: {key: "4XX"}
		responses: {key: "409"}
	};`)
	for name, test := range map[string]struct {
		responses *openapi3.Responses
		key, want string
	}{
		"the comment of the message":    {commented, "200", "Thing is the one."},
		"no comment":                    {get(t, "", ""), "200", "The request succeeded."},
		"a success of the annotation":   {annotated, "200", "The thing."},
		"an error of the file":          {annotated, "404", "Nothing here."},
		"a status that is undocumented": {annotated, "429", "Too Many Requests"},
		"a status without a name":       {annotated, "499", "The request is invalid."},
		"a class":                       {annotated, "4XX", "The request is invalid."},
		"a documented status":           {annotated, "409", "The request conflicts with the current resource state."},
	} {
		if got := *test.responses.Value(test.key).Value.Description; got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// TestContent compares the content of each kind of response.
func TestContent(t *testing.T) {
	returns := func(what string) *openapi3.Responses {
		get := strings.Replace(method("Get", `get: "/v1/thing"`, v2Operation+`{
			responses: {key: "200"} responses: {key: "204"} responses: {key: "205"}
			responses: {key: "302"} responses: {key: "4XX"}
		};`), "(Response)", "("+what+")", 1)
		return document(t, api(t, "", "", get)).Paths.Find("/v1/thing").Get.Responses
	}
	one, stream := returns("Response"), returns("stream Response")
	for _, key := range []string{"204", "205", "302"} {
		if got := one.Value(key).Value.Content; len(got) > 0 {
			t.Errorf("%s has the content %v", key, got)
		}
	}
	if got := one.Value("4XX").Value.Content["application/json"].Schema.Ref; got != "#/components/schemas/Error" {
		t.Errorf("4XX refers to %q", got)
	}
	properties := stream.Value("200").Value.Content["application/json"].Schema.Value.Properties
	if properties["result"].Ref != "#/components/schemas/api.Response" ||
		properties["error"].Ref != "#/components/schemas/Error" {
		t.Errorf("an object of a stream is %v", properties)
	}
	if got := *stream.Value("200").Value.Description; !strings.Contains(got, "Without messages the body is empty") {
		t.Errorf("a stream is described as %q", got)
	}
	for _, what := range []string{"google.api.HttpBody", "stream google.api.HttpBody"} {
		content := returns(what).Value("200").Value.Content
		if len(content) != 1 || content["*/*"] == nil || content["*/*"].Schema != nil {
			t.Errorf("%s: the content is %v, want any bytes", what, content)
		}
	}
}

// TestRetryAfter documents the header with the errors that a service may send it with.
func TestRetryAfter(t *testing.T) {
	found := get(t, "", v2Operation+`{responses: {key: "409"} responses: {key: "429"} responses: {key: "404"}};`)
	for key, response := range found.Map() {
		want := slices.Contains([]string{"409", "429", "500", "502", "503", "504"}, key)
		header := response.Value.Headers["Retry-After"]
		if (header != nil) != want {
			t.Errorf("%s has Retry-After: %t", key, header != nil)
		}
		if header != nil && header.Value.Required {
			t.Errorf("%s always has Retry-After", key)
		}
	}
}
