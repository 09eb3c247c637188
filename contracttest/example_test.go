package contracttest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/statusbridge/statusbridge/contracttest"
)

func ExampleCheck() {
	limiter := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "slow down", http.StatusTooManyRequests)
	})
	handler := contracttest.Check(limiter, func(v contracttest.Violation) { fmt.Println(v.Rule+":", v.Text) })
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/v1/things", nil))
	// Output:
	// documented-status: the status 429 is not documented
	// media-type: the Content-Type is "text/plain; charset=utf-8"
	// content-length: the error has no Content-Length
	// body-json: the body is not a JSON object
}

func ExampleRoundTripper() {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	client := &http.Client{Transport: contracttest.RoundTripper(nil, func(v contracttest.Violation) {
		fmt.Println(v.Rule+":", v.Text)
	})}
	response, err := client.Get(server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	client.CloseIdleConnections()
	// Output:
	// media-type: the Content-Type is "text/plain; charset=utf-8"
	// body-json: the body is not a JSON object
}

func ExampleViolations() {
	const body = `{"code":5,"message":"no such thing","details":[]}`
	response := &http.Response{
		StatusCode: http.StatusNotFound,
		Header:     http.Header{"Content-Type": {"application/json"}, "Content-Length": {"49"}},
	}
	for _, v := range contracttest.Violations(response, []byte(body)) {
		fmt.Println(v)
		fmt.Println(strings.Repeat("-", 20))
	}
	// Output:
	// body-code: code is 5 under a 404
	//   follows the Error schema of the REST API's OpenAPI document
	//   > (unknown request)
	//   < HTTP/1.1 404 Not Found
	//   < Content-Length: 49
	//   < Content-Type: application/json
	//   <
	//   < {"code":5,"message":"no such thing","details":[]}
	// --------------------
	// body-details: details is []
	//   follows the Error schema of the REST API's OpenAPI document
	//   > (unknown request)
	//   < HTTP/1.1 404 Not Found
	//   < Content-Length: 49
	//   < Content-Type: application/json
	//   <
	//   < {"code":5,"message":"no such thing","details":[]}
	// --------------------
}
