package languages

import (
	"encoding/base64"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

// documentedResponses have the documented error body, or a body that nothing can be read from.
func documentedResponses() []responseVector {
	return []responseVector{
		{Name: "documented", Status: 409, Body: `{"code":409,"message":"exists","details":"name: taken"}`,
			GRPCCode: 10, Message: "exists", Details: "name: taken"},
		{Name: "without details", Status: 404, Body: `{"code":404,"message":"no project 7"}`,
			GRPCCode: 5, Message: "no project 7"},
		{Name: "null details", Status: 409, Body: `{"code":409,"message":"exists","details":null}`,
			GRPCCode: 10, Message: "exists"},
		{Name: "one more member", Status: 409, Body: `{"code":409,"message":"exists","requestId":"a1"}`,
			GRPCCode: 10, Message: "exists"},
		{Name: "a code of the service", Status: 409, Body: `{"code":1042,"message":"exists"}`,
			GRPCCode: 10, Message: "exists"},
		{Name: "under a 5xx", Status: 503, Body: `{"code":503,"message":"restarting","details":"node pool: a"}`,
			GRPCCode: 14, Message: "restarting", Details: "node pool: a"},
		{Name: "a refused submission", Status: 400, Body: `{"code":400,"message":"refused","details":"two fields",` +
			`"complianceIssues":[{"field":"gpu","details":"is too large"},{"field":"name"},7]}`,
			GRPCCode: 3, Message: "refused", Details: "two fields; gpu: is too large; name"},
		{Name: "undocumented 410", Status: 410, Body: `{"code":410,"message":"gone"}`, GRPCCode: 5, Message: "gone"},
		{Name: "undocumented 429", Status: 429, Body: `{"code":429,"message":"slow down"}`,
			GRPCCode: 8, Message: "slow down"},
		{Name: "undocumented 599", Status: 599,
			Body: `{"code":599,"message":"worse"}`, GRPCCode: 13, Message: "worse"},
		{Name: "two bodies", Status: 409, Body: `{"code":409,"message":"exists"}{"code":500,"message":"a } \" {"}`,
			GRPCCode: 10, Message: "exists"},
		{Name: "a byte order mark", Status: 409, Body: "\uFEFF" + `{"code":409,"message":"exists"}`,
			GRPCCode: 10, Message: "exists"},
		{Name: "lone surrogates", Status: 409, Body: `{"code":409,"message":"a\ud800b","details":"\udc00"}`,
			GRPCCode: 10, Message: "a\uFFFDb", Details: "\uFFFD"},
		{Name: "64 KiB", Status: 409, Body: `{"code":409,"message":"exists"}`, Spaces: 64<<10 - 31,
			GRPCCode: 10, Message: "exists"},
		{Name: "more than 64 KiB", Status: 409, Body: `{"code":409,"message":"exists"}`, Spaces: 64<<10 - 30,
			GRPCCode: 10, Message: testkit.Meanings[409], Logged: "exists"},

		{Name: "HTML", Status: 502, Headers: typed("text/html"), Body: "<h1>502 Bad Gateway</h1> nginx at 10.0.0.7",
			GRPCCode: 14, Message: testkit.Meanings[502], Logged: "10.0.0.7"},
		{Name: "JSON as HTML", Status: 409, Headers: typed("text/html"), Body: `{"code":409,"message":"exists"}`,
			GRPCCode: 10, Message: testkit.Meanings[409], Logged: "exists"},
		{Name: "another charset", Status: 409, Headers: typed("application/json; charset=iso-8859-1"),
			Body: `{"code":409,"message":"exists"}`, GRPCCode: 10, Message: testkit.Meanings[409], Logged: "exists"},
		{Name: "UTF-8 in quotes", Status: 409, Headers: typed(`Application/JSON; charset="UTF-8"`),
			Body: `{"code":409,"message":"exists"}`, GRPCCode: 10, Message: "exists"},
		{Name: "vendor JSON", Status: 409, Headers: typed("application/vnd.acme+json"),
			Body: `{"code":409,"message":"exists"}`, GRPCCode: 10, Message: "exists"},
		{Name: "no type", Status: 409, Headers: map[string]string{}, Body: `{"code":409,"message":"exists"}`,
			GRPCCode: 10, Message: "exists"},
		{Name: "empty", Status: 403, Headers: map[string]string{}, GRPCCode: 7, Message: testkit.Meanings[403]},
		{Name: "304", Status: 304, Headers: map[string]string{}, GRPCCode: 2, Message: testkit.Meanings[500]},
		{Name: "a list", Status: 404, Body: `["none"]`, GRPCCode: 5, Message: testkit.Meanings[404], Logged: "none"},
		{Name: "cut off", Status: 409, Body: `{"code":409,"message":"exi`,
			GRPCCode: 10, Message: testkit.Meanings[409], Logged: "exi"},
		{Name: "almost JSON", Status: 409, Body: `{'code':409,'message':'exists'}`,
			GRPCCode: 10, Message: testkit.Meanings[409], Logged: "exists"},
		{Name: "a name of JavaScript", Status: 404, Body: `{"__proto__":{"message":"no"},"a":"none"}`,
			GRPCCode: 5, Message: testkit.Meanings[404], Logged: "none"},
		{Name: "deeply nested", Status: 404, Body: text(strings.Repeat("[", 60_000)),
			GRPCCode: 5, Message: testkit.Meanings[404], Logged: "[[["},
	}
}

// rpcResponses contain a google.rpc.Status, as grpc-gateway, Google APIs, Connect and Twirp send it.
func rpcResponses() []responseVector {
	return []responseVector{
		{Name: "grpc-gateway", Status: 400, Body: `{"code":9,"message":"not empty","details":[]}`,
			GRPCCode: 9, Message: "not empty"},
		{Name: "grpc-gateway's stream", Status: 404,
			Body:     `{"error":{"code":5,"message":"no such thing","details":[]}}`,
			GRPCCode: 5, Message: "no such thing"},
		{Name: "this library's stream", Status: 503,
			Body:     `{"error":{"code":503,"message":"busy","details":"pool: a"}}`,
			GRPCCode: 14, Message: "busy", Details: "pool: a"},
		// A code that does not belong to the status is not believed.
		{Name: "a code of another status", Status: 404,
			Body: `{"code":7,"message":"no"}`, GRPCCode: 5, Message: "no"},
		// A message under a 5xx is for gRPC callers.
		{Name: "Unavailable", Status: 503, Body: `{"code":14,"message":"dial tcp 10.0.0.3"}`,
			GRPCCode: 14, Message: testkit.Meanings[503], Logged: "10.0.0.3"},
		{Name: "Google API", Status: 429, Body: `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED",` +
			`"message":"slow down","details":[` + retryInfo + `]}}`,
			GRPCCode: 8, Message: "slow down", RetryAfter: 7.5},
		{Name: "old Google API", Status: 404, Body: `{"error":{"code":404,"message":"gone",` +
			`"errors":[{"reason":"notFound"}]}}`, GRPCCode: 5, Message: "gone"},
		{Name: "Google API under a 5xx", Status: 503, Body: `{"error":{"code":503,"status":"UNAVAILABLE",` +
			`"message":"shard 3"}}`, GRPCCode: 14, Message: testkit.Meanings[503], Logged: "shard 3"},
		{Name: "Connect", Status: 409, Body: `{"code":"already_exists","message":"exists"}`,
			GRPCCode: 6, Message: "exists"},
		{Name: "Connect's spelling", Status: 499, Body: `{"code":"canceled","message":"ended"}`,
			GRPCCode: 1, Message: "ended"},
		// A BadRequest, a RetryInfo and a statusbridge.v1.Error in base64.
		{Name: "Connect with details", Status: 400,
			Body: `{"code":"invalid_argument","message":"refused","details":[` +
				`{"type":"google.rpc.BadRequest","value":"Cg0KBG5hbWUSBWVtcHR5","debug":{}},` +
				`{"type":"google.rpc.RetryInfo","value":"CgIIBw=="},{"type":"acme.Own","value":"AAAA"},` +
				`{"type":"google.rpc.BadRequest","value":"%%"}]}`,
			GRPCCode: 3, Message: "refused", Details: "name: empty", RetryAfter: 7},
		{Name: "Connect with an exact status", Status: 503,
			Body: `{"code":"unavailable","message":"10.0.0.3","details":[` +
				`{"type":"statusbridge.v1.Error","value":"CPYDEgZicm9rZW4aB3Bvb2w6IGE"}]}`,
			HTTPStatus: 502, GRPCCode: 14, Message: "broken", Details: "pool: a", Logged: "10.0.0.3"},
		{Name: "Twirp", Status: 404, Body: `{"code":"not_found","msg":"no hat","meta":{"size":"7"}}`,
			GRPCCode: 5, Message: "no hat"},
		// Twirp's 412 is not the status of the code in google/rpc/code.proto.
		{Name: "Twirp's 412", Status: 412, Body: `{"code":"failed_precondition","msg":"no hat"}`,
			GRPCCode: 9, Message: "no hat"},
		{Name: "Twirp under a 5xx", Status: 500, Body: `{"code":"internal","msg":"pq: 10.0.0.3"}`,
			GRPCCode: 13, Message: testkit.Meanings[500], Logged: "10.0.0.3"},
		{Name: "no code and no message", Status: 404, Body: `{"error":{"reason":"none"}}`,
			GRPCCode: 5, Message: testkit.Meanings[404], Logged: "none"},
	}
}

const (
	retryInfo = `{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"7.5s"}`
	ownDetail = `{"@type":"type.googleapis.com/statusbridge.v1.Error","code":502,` +
		`"message":"the scheduler is broken","details":"pool: a"}`
	localized = `{"@type":"type.googleapis.com/google.rpc.LocalizedMessage","locale":"fr","message":"trop tard"}`
)

// detailResponses are a google.rpc.Status with details, and messages beside details of another form.
func detailResponses() []responseVector {
	google := func(name, members string) text {
		detail := `{"@type":"type.googleapis.com/google.rpc.` + name + `",` + members + `}`
		return text(`{"code":3,"message":"no","details":[` + detail + `]}`)
	}
	refused := func(name string, body text, details string) responseVector {
		return responseVector{Name: name, Status: 400, Body: body, GRPCCode: 3, Message: "no", Details: details}
	}
	return []responseVector{
		refused("BadRequest", google("BadRequest", `"fieldViolations":[{"field":"name","description":"is taken"},`+
			`{"field":"size","reason":"TOO_LARGE"},{"field":"kind","localizedMessage":{"message":"inconnu"}},{}]`),
			"name: is taken; size: TOO_LARGE; kind: inconnu"),
		refused("names of the proto", google("BadRequest", `"field_violations":[{"field":"kind",`+
			`"localized_message":{"message":"inconnu"}}]`), "kind: inconnu"),
		refused("PreconditionFailure", google("PreconditionFailure",
			`"violations":[{"type":"T","subject":"disk","description":"is full"}]`), "disk: is full"),
		refused("QuotaFailure", google("QuotaFailure", `"violations":[{"subject":"gpu","description":"10 of 10"}]`),
			"gpu: 10 of 10"),
		refused("ResourceInfo", google("ResourceInfo", `"resourceType":"T","resourceName":"a","description":"is old"`),
			"a: is old"),
		refused("Help", google("Help", `"links":[{"description":"docs","url":"https://a.example"}]`),
			"docs: https://a.example"),
		refused("DebugInfo", google("DebugInfo", `"detail":"stack"`), ""),
		refused("a list that is a text", google("BadRequest", `"fieldViolations":"none"`), ""),
		refused("protovalidate", `{"code":3,"message":"no","details":[`+
			`{"@type":"type.googleapis.com/buf.validate.Violations","violations":[`+
			`{"field":{"elements":[{"fieldName":"spec"},{"fieldName":"tags","index":"3"}]},"message":"is short"},`+
			`{"field":{"elements":[{"fieldName":"labels","stringKey":"a\"b"}]},"ruleId":"string.pattern"},`+
			`{"field":{"elements":[{"field_name":"on","bool_key":true}]},"rule_id":"a"},`+
			`{"field":{"elements":[{"fieldName":"by","intKey":"-7"}]},"ruleId":"b"}]}]}`,
			`spec.tags[3]: is short; labels["a\"b"]: string.pattern; on[true]: a; by[-7]: b`),
		{Name: "an exact status", Status: 503,
			Body:       `{"code":14,"message":"dial 10.0.0.3","details":[` + ownDetail + `]}`,
			HTTPStatus: 502, GRPCCode: 14, Message: "the scheduler is broken", Details: "pool: a", Logged: "10.0.0.3"},
		{Name: "an exact status that is a success", Status: 503, Body: text(`{"code":14,` +
			`"message":"dial 10.0.0.3","details":[` + strings.Replace(ownDetail, "502", "204", 1) + `]}`),
			GRPCCode: 14, Message: "the scheduler is broken", Details: "pool: a", Logged: "10.0.0.3"},
		{Name: "LocalizedMessage under a 5xx", Status: 504,
			Body:     `{"code":4,"message":"10.0.0.3","details":[` + localized + `]}`,
			GRPCCode: 4, Message: "trop tard", Logged: "10.0.0.3"},
		{Name: "the last RetryInfo", Status: 429, Body: text(`{"code":8,"message":"no","details":[` + retryInfo + `,` +
			strings.Replace(retryInfo, "7.5s", "2s", 1) + `,` + strings.Replace(retryInfo, "7.5s", "soon", 1) + `]}`),
			GRPCCode: 8, Message: "no", RetryAfter: 2},
		{Name: "an object without a type", Status: 404, Body: `{"message":"no","details":[{"trace":"t1"}]}`,
			GRPCCode: 5, Message: "no", Logged: "t1"},
		{Name: "details that are an object", Status: 409,
			Body:     `{"code":409,"message":"exists","details":{"name":"x7"}}`,
			GRPCCode: 10, Message: "exists", Logged: "x7"},
		{Name: "texts", Status: 409, Body: `{"code":409,"message":"exists","details":["name: taken","","size: 0"]}`,
			GRPCCode: 10, Message: "exists", Details: "name: taken; size: 0"},
		{Name: "texts and details", Status: 400,
			Body:     `{"message":"no","details":["a",` + retryInfo + `,` + ownDetail + `,7]}`,
			GRPCCode: 3, Message: "no", Details: "a; pool: a", RetryAfter: 7.5},
		{Name: "texts under a 5xx", Status: 502, Body: `{"code":502,"message":"10.0.0.3","details":["a"]}`,
			GRPCCode: 14, Message: testkit.Meanings[502], Logged: "10.0.0.3"},
	}
}

// wireResponses are errors of Connect, whose details are in the binary form of protobuf.
func wireResponses() []responseVector {
	connect := func(name string, message []byte) text {
		detail := `{"type":"` + name + `","value":"` + base64.RawStdEncoding.EncodeToString(message) + `"}`
		return text(`{"code":"invalid_argument","message":"no","details":[` + detail + `]}`)
	}
	refused := func(detail proto.Message, details string) responseVector {
		name := string(detail.ProtoReflect().Descriptor().FullName())
		encoded, err := proto.Marshal(detail)
		if err != nil {
			panic(err)
		}
		return responseVector{Name: "binary " + name, Status: 400, Body: connect(name, encoded),
			GRPCCode: 3, Message: "no", Details: details}
	}
	// It replaces the message, so the message is for logs.
	localized := refused(&errdetails.LocalizedMessage{Locale: "fr", Message: "trop tard"}, "")
	localized.Message, localized.Logged = "trop tard", "no"
	return []responseVector{
		localized,
		refused(&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "name", Description: "is taken", Reason: "TAKEN"}, {Field: "size", Reason: "TOO_LARGE"},
			{Field: "kind", LocalizedMessage: &errdetails.LocalizedMessage{Message: "inconnu"}},
		}}, "name: is taken; size: TOO_LARGE; kind: inconnu"),
		refused(&errdetails.PreconditionFailure{Violations: []*errdetails.PreconditionFailure_Violation{
			{Type: "T", Subject: "disk", Description: "is full"},
		}}, "disk: is full"),
		refused(&errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{
			{Subject: "gpu", Description: "10 of 10"},
		}}, "gpu: 10 of 10"),
		refused(&errdetails.ResourceInfo{ResourceType: "T", ResourceName: "a", Owner: "o", Description: "is old"},
			"a: is old"),
		refused(&errdetails.Help{Links: []*errdetails.Help_Link{{Description: "docs", Url: "https://a.example"}}},
			"docs: https://a.example"),
		{Name: "binary buf.validate.Violations", Status: 400, Body: connect("buf.validate.Violations", violations()),
			GRPCCode: 3, Message: "no",
			Details: `spec.tags[3]: is short; labels["a\"b"]: string.pattern; on[true]: a; by[-7]: b; ` +
				`of[18446744073709551615]: c`},
	}
}

// violations returns a buf.validate.Violations, with the numbers of buf/validate/validate.proto.
func violations() []byte {
	bytes := func(number protowire.Number, value string) string {
		return string(protowire.AppendString(protowire.AppendTag(nil, number, protowire.BytesType), value))
	}
	varint := func(number protowire.Number, value uint64) string {
		return string(protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), value))
	}
	violation := func(text string, elements ...string) string {
		path := ""
		for _, element := range elements {
			path += bytes(1, element)
		}
		return bytes(1, bytes(5, path)+text)
	}
	const fieldName, index, boolKey, intKey, uintKey, stringKey = 2, 6, 7, 8, 9, 10
	const ruleID, message = 2, 3
	seven := int64(-7)
	return []byte(violation(bytes(message, "is short")+bytes(ruleID, "string.min_len"),
		bytes(fieldName, "spec"), bytes(fieldName, "tags")+varint(index, 3)) +
		violation(bytes(ruleID, "string.pattern"), bytes(fieldName, "labels")+bytes(stringKey, `a"b`)) +
		violation(bytes(ruleID, "a"), bytes(fieldName, "on")+varint(boolKey, 1)) +
		violation(bytes(ruleID, "b"), bytes(fieldName, "by")+varint(intKey, uint64(seven))) +
		violation(bytes(ruleID, "c"), bytes(fieldName, "of")+varint(uintKey, 1<<64-1)))
}
