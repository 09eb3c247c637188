package plugin_test

import (
	"slices"
	"strings"
	"testing"
)

// TestOpenAPIv2 reads the annotations of protoc-gen-openapiv2, which protoc-gen-openapiv3 ignores.
func TestOpenAPIv2(t *testing.T) {
	const declarations = v2Swagger + `{
		info: {title: "Things" version: "2.0" description: "All of them." terms_of_service: "https://example.com/terms"
			contact: {name: "Ann" email: "ann@example.com"} license: {name: "BSD" url: "https://example.com/license"}}
		external_docs: {url: "https://example.com/docs"}
		tags: {name: "things" description: "Things of all kinds."}
		security_definitions: {
			security: {key: "basic" value: {type: TYPE_BASIC}}
			security: {key: "key" value: {type: TYPE_API_KEY in: IN_HEADER name: "X-Key"}}
			security: {key: "implicit" value: {type: TYPE_OAUTH2 flow: FLOW_IMPLICIT
				authorization_url: "https://example.com/a"}}
			security: {key: "password" value: {type: TYPE_OAUTH2 flow: FLOW_PASSWORD
				token_url: "https://example.com/t"}}
			security: {key: "app" value: {type: TYPE_OAUTH2 flow: FLOW_APPLICATION token_url: "https://example.com/t"}}
			security: {key: "code" value: {type: TYPE_OAUTH2 flow: FLOW_ACCESS_CODE
				authorization_url: "https://example.com/a" token_url: "https://example.com/t"
				scopes: {scope: {key: "read" value: "Read things."}}}}
		}
		security: {security_requirement: {key: "key" value: {}}}
	};`
	read := document(t, api(t, "", declarations,
		method("Get", `get: "/v1/thing"`, v2Operation+`{
			summary: "Get it" description: "Gets the thing." operation_id: "thing"
			tags: ["things", "more"] deprecated: true
			external_docs: {url: "https://example.com/get"}
			security: {security_requirement: {key: "code" value: {scope: "read"}}}
		};`),
		method("Open", `post: "/v1/thing" body: "*"`, v2Operation+`{security: {}};`),
		method("Both", `put: "/v1/thing" body: "*"`, v2Operation+`{summary: "2" description: "2"};
			option (grpc.gateway.protoc_gen_openapiv3.options.openapiv3_operation) = {summary: "3"};`),
		method("Plain", `delete: "/v1/thing"`, "")))
	item, schemes := read.Paths.Find("/v1/thing"), read.Components.SecuritySchemes
	for what, test := range map[string][2]string{
		"title":          {read.Info.Title, "Things"},
		"version":        {read.Info.Version, "2.0"},
		"description":    {read.Info.Description, "All of them."},
		"terms":          {read.Info.TermsOfService, "https://example.com/terms"},
		"contact":        {read.Info.Contact.Email, "ann@example.com"},
		"license":        {read.Info.License.URL, "https://example.com/license"},
		"docs":           {read.ExternalDocs.URL, "https://example.com/docs"},
		"tag":            {read.Tags.Get("things").Description, "Things of all kinds."},
		"summary":        {item.Get.Summary, "Get it"},
		"of operation":   {item.Get.Description, "Gets the thing."},
		"id":             {item.Get.OperationID, "thing"},
		"tags":           {strings.Join(item.Get.Tags, " "), "things more"},
		"operation docs": {item.Get.ExternalDocs.URL, "https://example.com/get"},
		"scope":          {strings.Join((*item.Get.Security)[0]["code"], " "), "read"},
		"v3 wins":        {item.Put.Summary + item.Put.Description, "32"},
		"code flow":      {schemes["code"].Value.Flows.AuthorizationCode.Scopes["read"], "Read things."},
		"app flow":       {schemes["app"].Value.Flows.ClientCredentials.TokenURL, "https://example.com/t"},
		"password flow":  {schemes["password"].Value.Flows.Password.TokenURL, "https://example.com/t"},
		"implicit flow":  {schemes["implicit"].Value.Flows.Implicit.AuthorizationURL, "https://example.com/a"},
		"basic":          {schemes["basic"].Value.Scheme, "basic"},
		"key":            {schemes["key"].Value.Name, "X-Key"},
	} {
		if test[0] != test[1] {
			t.Errorf("%s: got %q, want %q", what, test[0], test[1])
		}
	}
	if !item.Get.Deprecated {
		t.Error("the operation is not deprecated")
	}
	if open := item.Post.Security; open == nil || len(*open) != 1 || len((*open)[0]) != 0 {
		t.Errorf("the open operation needs %v", open)
	}
	if item.Delete.Security != nil || len(read.Security) != 1 {
		t.Errorf("the plain operation needs %v, the document %v", item.Delete.Security, read.Security)
	}
}

// TestSecurityOfAnotherFile finds a scheme that another proto of the directory defines.
func TestSecurityOfAnotherFile(t *testing.T) {
	protos := map[string]string{
		"api/a.proto": service("a", "A", method("Get", `get: "/v1/a"`,
			v2Operation+`{security: {security_requirement: {key: "basic" value: {}}}};`)),
		"api/b.proto": v2Swagger + `{security_definitions: {security: {key: "basic" value: {type: TYPE_BASIC}}}};` +
			service("b", "B", method("Get", `get: "/v1/b"`, "")),
	}
	read := document(t, sources(t, "", protos))
	if read.Components.SecuritySchemes["basic"] == nil || len(*read.Paths.Find("/v1/a").Get.Security) != 1 {
		t.Error("the security of the operation is lost")
	}
	if got := []string{read.Tags[0].Name, read.Tags[1].Name}; !slices.Equal(got, []string{"A", "B"}) {
		t.Errorf("the tags are %v", got)
	}
	delete(protos, "api/b.proto")
	if got := refusal(t, sources(t, "", protos)); !strings.Contains(got, `undeclared security scheme "basic"`) {
		t.Errorf("got %q", got)
	}
}
