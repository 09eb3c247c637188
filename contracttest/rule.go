package contracttest

// A rule is one sentence of the contract that a response can break.
type rule struct {
	name     string
	document string // the document that the rule follows
	sentence string // the rule in words, for reports and docs/contracttest.md
}

// The documents that rules follow.
const (
	statusPage = "https://docs.nvidia.com/run-ai/self-hosted/reference/rest-api/getting-started/using-the-rest-api/" +
		"http-status-codes"
	errorSchema = "the Error schema of the REST API's OpenAPI document"
	contract    = "proto/statusbridge/v1/statusbridge.proto"
	services    = "docs/services.md"
	origins     = "docs/origin.md"
	gatewayPage = "docs/contracttest.md"
)

func rfc9110(section string) string { return "RFC 9110 section " + section }

// The names of the rules, as WithoutRule takes them.
const (
	// Rules that need only a response.
	ruleStatus       = "documented-status"
	ruleJSON         = "body-json"
	ruleMembers      = "body-members"
	ruleCode         = "body-code"
	ruleMessage      = "body-message"
	ruleDetailsText  = "body-details"
	ruleBytes        = "body-bytes"
	ruleMediaType    = "media-type"
	ruleLength       = "content-length"
	ruleAllow        = "allow"
	ruleChallenge    = "challenge"
	ruleRetryAfter   = "retry-after"
	ruleEmpty        = "empty-204"
	ruleHead         = "empty-head"
	ruleControlKey   = "control-key"
	ruleGRPCHeader   = "grpc-header"
	ruleBinaryHeader = "binary-header"
	ruleHeaderSyntax = "header-syntax"
	ruleHeaderOnce   = "header-once"
	ruleStaleHeader  = "stale-header"
	ruleCacheControl = "cache-control"
	ruleFraming      = "framing"
	ruleInternals    = "internals"
	ruleDeclared     = "declared-errors"

	// Rules that need the fake backend of Run.
	ruleReached       = "reached"
	ruleComplete      = "complete"
	ruleExplicit      = "explicit-status"
	ruleCodeStatus    = "code-status"
	ruleExactStatus   = "exact-status"
	ruleSuccessStatus = "success-status"
	ruleClientText    = "client-text"
	ruleServerText    = "server-text"
	ruleSentence      = "documented-sentence"
	ruleDetails       = "details"
	ruleRetryDelay    = "retry-delay"
	ruleOwnChallenge  = "backend-challenge"
	ruleBadGateway    = "bad-gateway"
	ruleUnavailable   = "unavailable"
	ruleTimeout       = "timeout"
	ruleUnknownPath   = "unknown-path"
	ruleWrongMethod   = "wrong-method"
	ruleAllowExact    = "allow-exact"
	ruleHeadStatus    = "head-as-get"
	ruleBadRequest    = "bad-request"
	ruleEarlyError    = "early-error"
	ruleLateError     = "late-error"
	ruleErrorChunk    = "error-chunk"
)

// rules lists every rule, in the order of the report.
var rules = []rule{
	// The status and the body.
	{ruleStatus, statusPage, "Every status is documented, or allowed by an option."},
	{ruleJSON, errorSchema, "The body of an error is one JSON object in UTF-8."},
	{ruleMembers, errorSchema, "The members of the body are code, message and optionally details, each once."},
	{ruleCode, errorSchema, "The member code equals the HTTP status."},
	{ruleMessage, errorSchema, "The member message is a string."},
	{ruleDetailsText, errorSchema, "The member details is a string that is not empty."},
	{ruleBytes, contract, "The members have a fixed order, and the body has no white space between them."},
	// The headers.
	{ruleMediaType, errorSchema, "The Content-Type of an error is application/json."},
	{ruleLength, rfc9110("8.6"), "An error has a Content-Length, and it is the length of the body."},
	{ruleAllow, rfc9110("15.5.6"), "A 405 has an Allow header that lists methods."},
	{ruleChallenge, rfc9110("11.6.1"), "A 401 has a WWW-Authenticate header with valid challenges."},
	{ruleRetryAfter, rfc9110("10.2.3"), "A Retry-After header is a number of seconds or a date."},
	{ruleEmpty, rfc9110("15.3.5"), "A 204 has no body, no Content-Type and no Content-Length."},
	{ruleHead, rfc9110("9.3.2"), "An error response to HEAD has no body."},
	{ruleControlKey, contract, "The metadata key of a success status is never sent to a client."},
	{ruleGRPCHeader, "gRPC over HTTP/2", "The grpc-* metadata of a backend is never sent as a header or trailer."},
	{ruleBinaryHeader, "gRPC over HTTP/2", "The -bin metadata of a backend is never sent as a header or trailer."},
	{ruleHeaderSyntax, rfc9110("5.5"), "Header names and values are valid."},
	{ruleHeaderOnce, rfc9110("5.3"), "A header that holds one value is sent once, whatever the case of its name."},
	{ruleStaleHeader, rfc9110("8"), "An error has no header that describes a success."},
	{ruleCacheControl, "RFC 9111 section 5.2.2", "The Cache-Control of an error does not permit caching."},
	{ruleFraming, "RFC 9112 section 6", "The handler does not set Transfer-Encoding."},
	// The texts and the method.
	{ruleInternals, services, "The body contains no names of Go functions, dial addresses or error texts of gRPC."},
	{ruleDeclared, contract, "A method that declares its errors returns no other error of a service."},
	// Responses to a reply of the fake backend.
	{ruleReached, gatewayPage, "Every route that exists calls the backend."},
	{ruleComplete, "RFC 9112 section 8", "Every response arrives, complete and well-formed."},
	{ruleExplicit, gatewayPage, "The handler always calls WriteHeader, also for 200."},
	{ruleCodeStatus, statusPage, "A gRPC code has the status of the status table, or of the configured mapping."},
	{ruleExactStatus, contract, "A statusbridge.v1.Error chooses the status exactly if it is documented or allowed."},
	{ruleSuccessStatus, contract, "A success has the status that the service chose, that its method declares, or 200."},
	{ruleClientText, services, "Clients read the message of a 4xx, and a message that the service attached for them."},
	{ruleServerText, services, "Text of the backend that was not written for clients is never sent."},
	{ruleSentence, statusPage, "An error without a message for clients has the documented sentence."},
	{ruleDetails, services, "The standard details of a 4xx are sent as the text details. Those of a 5xx are not sent."},
	{ruleRetryDelay, rfc9110("10.2.3"), "RetryInfo and retry-after metadata become Retry-After, rounded up."},
	{ruleOwnChallenge, rfc9110("11.6.1"), "The challenge of the backend is sent, once."},
	{ruleBadGateway, origins, "A reply that cannot be read as gRPC is a 502."},
	{ruleUnavailable, origins, "A backend that cannot be reached, is lost or is busy is a 503."},
	{ruleTimeout, origins, "A call that takes longer than its deadline is a 504."},
	// Requests that the gateway answers without the backend.
	{ruleUnknownPath, rfc9110("15.5.5"), "A path that does not exist is a 404."},
	{ruleWrongMethod, rfc9110("15.5.6"), "A method that is not bound to an existing path is a 405."},
	{ruleAllowExact, rfc9110("10.2.1"), "Allow lists exactly the methods that are bound to the path."},
	{ruleHeadStatus, rfc9110("9.3.2"), "HEAD has the status and the Content-Length of GET."},
	{ruleBadRequest, rfc9110("15.5.1"), "A request that cannot be read is a 400."},
	{ruleEarlyError, "RFC 9112 section 9.6", "An early error reaches a client that is still sending its body."},
	// Streams.
	{ruleLateError, "RFC 9112 section 8", "A stream that fails after its first message does not look complete."},
	{ruleErrorChunk, services, "The last chunk of a failed stream has the error's status and message."},
}

// ruleOf returns the rule with a name.
func ruleOf(name string) (rule, bool) {
	for _, r := range rules {
		if r.name == name {
			return r, true
		}
	}
	return rule{}, false
}
