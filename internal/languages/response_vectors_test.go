package languages

import (
	"net/http"
	"testing"

	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/mapping"
)

// responseVector is a REST response and the error as which it is read. The expectations are written by hand from
// RFC 9110, RFC 9457 and google/rpc/code.proto, and not by the code.
type responseVector struct {
	Status     int               `json:"status"`
	Headers    map[string]string `json:"headers"`
	Body       text              `json:"body"`
	HTTPStatus int               `json:"httpStatus"`
	GRPCCode   int               `json:"grpcCode"`
	Message    string            `json:"message"`
	Details    string            `json:"details"`
	RetryAfter float64           `json:"retryAfter"` // in seconds, or -1
}

func responseVectors() []responseVector {
	const (
		jsonType    = "application/json"
		problemType = "application/problem+json; charset=utf-8"
		retryInfo   = `{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"7.5s"}`
		badRequest  = `{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[` +
			`{"field":"name","description":"is taken"},{"field":"size","reason":"TOO_LARGE"}]}`
		ownDetail = `{"@type":"type.googleapis.com/statusbridge.v1.Error","code":502,` +
			`"message":"the scheduler is broken","details":"pool: a"}`
		localized = `{"@type":"type.googleapis.com/google.rpc.LocalizedMessage","locale":"fr","message":"trop tard"}`
	)
	typed := func(contentType string) map[string]string { return map[string]string{"Content-Type": contentType} }
	after := func(value string) map[string]string {
		const date = "Wed, 21 Oct 2026 07:28:00 GMT"
		return map[string]string{"content-type": jsonType, "retry-after": value, "Date": date}
	}
	conflict := sentences[http.StatusConflict]
	return []responseVector{
		// The eleven responses of any API.
		{409, typed(jsonType), `{"code":409,"message":"exists","details":"name: taken"}`,
			409, 10, "exists", "name: taken", -1},
		{404, typed(jsonType), `{"code":404,"message":"no project 7"}`,
			404, 5, "no project 7", "", -1},
		{409, typed(jsonType), `{"code":409,"message":"exists","requestId":"a1"}`,
			409, 10, "exists", "", -1},
		{502, typed("text/html"), "<h1>502 Bad Gateway</h1> nginx at 10.0.0.7",
			502, 14, sentences[502], "", -1},
		{403, nil, "", 403, 7, sentences[403], "", -1},
		{400, typed(problemType), `{"type":"about:blank","title":"Bad page","detail":"page: is 0","status":400}`,
			400, 3, "Bad page", "page: is 0", -1},
		{400, typed(jsonType), `{"code":9,"message":"not empty","details":[` + badRequest + `]}`,
			400, 9, "not empty", "name: is taken; size: TOO_LARGE", -1},
		{404, typed(jsonType), `[]`, 404, 5, sentences[404], "", -1},
		{304, nil, "", 304, 2, sentences[500], "", -1},
		{409, typed(jsonType), `{"code":409,"message":"exi`, 409, 10, conflict, "", -1},
		{503, after("30"), `{"code":503,"message":"restarting","details":"node pool: a"}`,
			503, 14, "restarting", "node pool: a", 30},

		// A stream of a grpc-gateway, and an API of Google.
		{404, typed(jsonType), `{"error":{"code":5,"message":"no such thing","details":[]}}`,
			404, 5, "no such thing", "", -1},
		{429, typed(jsonType), `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"slow down","details":[` + retryInfo + `]}}`,
			429, 8, "slow down", "", 7.5},
		// Details that are a list or an object.
		{409, typed(jsonType), `{"code":409,"message":"exists","details":{"name":"x"}}`,
			409, 10, "exists", "", -1},
		{409, typed(jsonType), `{"code":409,"message":"exists","details":["name: taken","size: 0"]}`,
			409, 10, "exists", "name: taken; size: 0", -1},
		{409, typed(jsonType), `{"code":409,"message":"exists","details":null}`,
			409, 10, "exists", "", -1},
		// An exact status in a google.rpc.Status.
		{503, typed(jsonType), `{"code":14,"message":"dial tcp 10.0.0.3","details":[` + ownDetail + `]}`,
			502, 14, "the scheduler is broken", "pool: a", -1},
		// A backend's text under a 5xx is not for clients, except a localized message.
		{503, typed(jsonType), `{"code":14,"message":"dial tcp 10.0.0.3"}`,
			503, 14, sentences[503], "", -1},
		{504, typed(jsonType), `{"code":4,"message":"late","details":[` + localized + `]}`,
			504, 4, "trop tard", "", -1},
		// A code that does not belong to the status is not believed.
		{404, typed(jsonType), `{"code":7,"message":"no"}`, 404, 5, "no", "", -1},
		// The published schema of a refused submission.
		{400, typed(jsonType), `{"code":400,"message":"refused","complianceIssues":[{"field":"gpu","details":"is too large"}]}`,
			400, 3, "refused", "gpu: is too large", -1},
		{404, typed(jsonType), `{"message":"attachment not found"}`,
			404, 5, "attachment not found", "", -1},
		{404, typed(jsonType), `{"error":"attachment not found"}`,
			404, 5, "attachment not found", "", -1},
		// Types and charsets.
		{409, nil, `{"code":409,"message":"exists"}`, 409, 10, "exists", "", -1},
		{409, typed("text/html"), `{"code":409,"message":"exists"}`, 409, 10, conflict, "", -1},
		{409, typed("application/json; charset=iso-8859-1"), `{"code":409,"message":"exists"}`,
			409, 10, conflict, "", -1},
		// Retry-After: seconds, or a date in comparison with that of the server.
		{503, after("0"), `{"code":503,"message":"restarting"}`, 503, 14, "restarting", "", 0},
		{503, after("Wed, 21 Oct 2026 07:28:30 GMT"), `{"code":503,"message":"restarting"}`,
			503, 14, "restarting", "", 30},
		{503, after("Wed, 21 Oct 2026 07:00:00 GMT"), `{"code":503,"message":"restarting"}`,
			503, 14, "restarting", "", 0},
		{503, after("soon"), `{"code":503,"message":"restarting"}`, 503, 14, "restarting", "", -1},
		// Statuses that are not documented.
		{410, typed(jsonType), `{"code":410,"message":"gone"}`, 410, 5, "gone", "", -1},
		{429, typed(jsonType), `{"code":429,"message":"slow down"}`, 429, 8, "slow down", "", -1},
		{599, typed(jsonType), `{"code":599,"message":"worse"}`, 599, 13, "worse", "", -1},
	}
}

// TestResponses reads the responses in Go.
func TestResponses(t *testing.T) {
	for _, v := range responseVectors() {
		header := http.Header{}
		for name, value := range v.Headers {
			header.Set(name, value)
		}
		err := mapping.FromHTTP(v.Status, header, []byte(v.Body))
		e := mapping.FromError(err)
		retryAfter := float64(contract.Read(err).RetryAfter)
		if retryAfter > v.RetryAfter && retryAfter < v.RetryAfter+1 {
			retryAfter = v.RetryAfter // Go rounds up
		}
		got := responseVector{
			v.Status, v.Headers, v.Body, e.HTTPStatus, int(status.Code(err)), e.Message, e.Details, retryAfter,
		}
		got.Headers, v.Headers = nil, nil
		if got.HTTPStatus != v.HTTPStatus || got.GRPCCode != v.GRPCCode || got.Message != v.Message ||
			got.Details != v.Details || got.RetryAfter != v.RetryAfter {
			t.Errorf("%d %s:\ngot  %+v\nwant %+v", v.Status, v.Body, got, v)
		}
	}
}
