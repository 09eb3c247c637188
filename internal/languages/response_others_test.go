package languages

import "github.com/statusbridge/statusbridge/internal/testkit"

const problemType = "application/problem+json; charset=utf-8"

// otherResponses come from programs with another form of error.
func otherResponses() []responseVector {
	return []responseVector{
		{Name: "a problem", Status: 400, Headers: typed(problemType),
			Body:     `{"type":"about:blank","title":"Bad page","detail":"page: is 0","status":400}`,
			GRPCCode: 3, Message: "Bad page", Details: "page: is 0"},
		{Name: "a problem without a title", Status: 400, Headers: typed(problemType), Body: `{"detail":"page: is 0"}`,
			GRPCCode: 3, Message: "page: is 0"},
		{Name: "a problem under a 5xx", Status: 500, Headers: typed(problemType),
			Body:     `{"title":"pq","detail":"10.0.0.3"}`,
			GRPCCode: 13, Message: testkit.Meanings[500], Logged: "10.0.0.3"},
		{Name: "a problem with the documented members", Status: 409, Headers: typed(problemType),
			Body:     `{"code":409,"message":"exists","details":"name: taken"}`,
			GRPCCode: 10, Message: "exists", Details: "name: taken"},
		{Name: "Kubernetes", Status: 409,
			Body: `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",` +
				`"message":"exists","reason":"AlreadyExists","details":{"name":"x7","retryAfterSeconds":7},"code":409}`,
			GRPCCode: 6, Message: "exists", RetryAfter: 7, Logged: "x7"},
		{Name: "Kubernetes without details", Status: 404,
			Body:     `{"kind":"Status","message":"none","reason":"NotFound","code":404}`,
			GRPCCode: 5, Message: "none"},
		{Name: "Kubernetes under a 5xx", Status: 500, Body: `{"kind":"Status","message":"etcd 10.0.0.3","code":500}`,
			GRPCCode: 13, Message: testkit.Meanings[500], Logged: "10.0.0.3"},
		{Name: "a gRPC code with a text as details", Status: 404, Body: `{"code":5,"message":"none","details":"try 8"}`,
			GRPCCode: 5, Message: "none", Details: "try 8"},
		{Name: "a message", Status: 404, Body: `{"message":"attachment not found"}`,
			GRPCCode: 5, Message: "attachment not found"},
		{Name: "a message with details", Status: 404, Body: `{"message":"none","details":"try 8"}`,
			GRPCCode: 5, Message: "none", Details: "try 8"},
		{Name: "a message under a 5xx", Status: 500, Body: `{"message":"dial tcp 10.0.0.3"}`,
			GRPCCode: 13, Message: testkit.Meanings[500], Logged: "10.0.0.3"},
		{Name: "an error", Status: 404, Body: `{"error":"attachment not found"}`,
			GRPCCode: 5, Message: "attachment not found"},
		{Name: "OAuth", Status: 400, Body: `{"error":"invalid_grant","error_description":"the code is used"}`,
			GRPCCode: 3, Message: "the code is used"},
		{Name: "Spring", Status: 404,
			Body:     `{"timestamp":1,"status":404,"error":"Not Found","message":"no a","path":"/a"}`,
			GRPCCode: 5, Message: "no a"},
		{Name: "the phrase of the status", Status: 404,
			Body:     `{"timestamp":1,"status":404,"error":"not found","path":"/a"}`,
			GRPCCode: 5, Message: testkit.Meanings[404], Logged: "/a"},
		{Name: "the phrase of an undocumented status", Status: 422,
			Body:     `{"error":"Unprocessable Entity","path":"/a"}`,
			GRPCCode: 3, Message: "Unprocessable Entity", Logged: "/a"},
		{Name: "Django", Status: 404, Body: `{"detail":"no a"}`, GRPCCode: 5, Message: "no a"},
		{Name: "a title", Status: 404, Body: `{"title":"none","detail":"no a"}`, GRPCCode: 5, Message: "no a"},
		{Name: "Message", Status: 404, Body: `{"Message":"no a"}`, GRPCCode: 5, Message: "no a"},
		{Name: "a message that is a list", Status: 404, Body: `{"message":["no a"]}`,
			GRPCCode: 5, Message: testkit.Meanings[404], Logged: "no a"},
		{Name: "a code alone", Status: 404, Body: `{"code":404,"a":"none"}`,
			GRPCCode: 5, Message: testkit.Meanings[404], Logged: "none"},
	}
}

// headerResponses have a Retry-After: seconds, or a date in comparison with that of the server (RFC 9110 section
// 10.2.3). A date has one of three forms (section 5.6.7).
func headerResponses() []responseVector {
	after := func(name, value string, seconds float64) responseVector {
		const date = "Sun, 06 Nov 1994 08:49:37 GMT"
		return responseVector{
			Name: name, Status: 503, Headers: map[string]string{"retry-after": value, "Date": date},
			Body: `{"code":503,"message":"restarting"}`, GRPCCode: 14, Message: "restarting", RetryAfter: seconds,
		}
	}
	both := func(name, header string, seconds float64) responseVector {
		return responseVector{
			Name: name, Status: 429, Headers: map[string]string{"Retry-After": header},
			Body:     `{"code":8,"message":"no","details":[` + retryInfo + `]}`,
			GRPCCode: 8, Message: "no", RetryAfter: seconds,
		}
	}
	return []responseVector{
		after("seconds", "30", 30),
		after("0 seconds", "0", atOnce),
		after("leading zeros", "007", 7),
		after("ten thousand years", "315576000000", 315576000000),
		after("more than ten thousand years", "315576000001", 0),
		after("many digits", "99999999999999999999", 0),
		after("negative", "-1", 0),
		after("signed", "+1", 0),
		after("a fraction", "1.5", 0),
		after("a unit", "1s", 0),
		after("a list of delays", "1, 2", 0),
		after("words", "soon", 0),
		after("a date", "Sun, 06 Nov 1994 08:50:07 GMT", 30),
		after("a date in the past", "Sun, 06 Nov 1994 08:00:00 GMT", atOnce),
		after("RFC 850", "Sunday, 06-Nov-94 08:50:07 GMT", 30),
		after("asctime", "Sun Nov  6 08:50:07 1994", 30),
		after("another time zone", "Sun, 06 Nov 1994 08:50:07 +0200", 0),
		after("a day that does not exist", "Sun, 31 Nov 1994 08:50:07 GMT", 0),
		both("a header and a RetryInfo", "30", 30),
		both("a broken header and a RetryInfo", "soon", 7.5),
		both("a delay that is too long and a RetryInfo", "315576000001", 7.5),
	}
}

// streamMessages are the last message of a stream that failed. It says the status itself.
func streamMessages() []responseVector {
	return []responseVector{
		{Name: "the end of a stream", Body: `{"error":{"code":502,"message":"broken","details":"pool: a"}}`,
			HTTPStatus: 502, GRPCCode: 14, Message: "broken", Details: "pool: a"},
		{Name: "the end of a stream of grpc-gateway", Body: `{"error":{"code":8,"message":"10.0.0.3"}}`,
			HTTPStatus: 503, GRPCCode: 8, Message: testkit.Meanings[503], Logged: "10.0.0.3"},
		{Name: "the end of a stream of a Google API",
			Body:       `{"error":{"code":404,"status":"NOT_FOUND","message":"none"}}`,
			HTTPStatus: 404, GRPCCode: 5, Message: "none"},
	}
}
