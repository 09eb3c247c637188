package contracttest_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/statusbridge/statusbridge/contracttest"
)

// documentedHeader returns the header of an error with a body. It adds pairs of names and values.
func documentedHeader(body string, pairs ...string) http.Header {
	header := http.Header{"Content-Type": {"application/json"}, "Content-Length": {strconv.Itoa(len(body))}}
	for i := 0; i < len(pairs); i += 2 {
		header[pairs[i]] = append(header[pairs[i]], pairs[i+1])
	}
	return header
}

// judge404 returns the violations of a 404 with a body. Pairs of names and values are added to its header.
func judge404(body string, pairs ...string) []string {
	response := &http.Response{StatusCode: http.StatusNotFound, Header: documentedHeader(body, pairs...)}
	return texts(contracttest.Violations(response, []byte(body)))
}

// texts returns violations as sorted lines of the form "rule: text".
func texts(violations []contracttest.Violation) []string {
	lines := map[string]bool{}
	for _, v := range violations {
		lines[v.Rule+": "+v.Text] = true
	}
	return slices.Sorted(maps.Keys(lines))
}

// TestBody judges bodies of a 404 by the Error schema of the published OpenAPI document.
func TestBody(t *testing.T) {
	const notJSON = "body-json: the body is not a JSON object"
	for body, want := range map[string][]string{
		`{"code":404,"message":"m"}`:                nil,
		`{"code":404,"message":""}`:                 nil,
		`{"code":404,"message":"m","details":"d"}`:  nil,
		`{"code":404,"message":"a { b } \" \\ \n"}`: nil,

		``:                                    {notJSON},
		`[]`:                                  {notJSON},
		`"m"`:                                 {notJSON},
		`null`:                                {notJSON},
		`{"code":404,"message":"m"`:           {notJSON},
		`{"code":404,"message":"m"]`:          {notJSON},
		`{"code":404,"message":"m",}`:         {notJSON},
		`{"code":404 "message":"m"}`:          {notJSON},
		`{"code":,"message":"m"}`:             {notJSON},
		`{"code"}`:                            {notJSON},
		`{404:"code"}`:                        {notJSON},
		`{"code":404,"message":"m"} {}`:       {notJSON},
		`{"code":404,"message":"m"}}`:         {notJSON},
		"{\"code\":404,\"message\":\"\xff\"}": {"body-json: the body is not valid UTF-8"},

		`{}`:                                       {"body-members: the body has the members []"},
		`{"code":404}`:                             {"body-members: the body has the members [code]"},
		`{"message":"m"}`:                          {"body-members: the body has the members [message]"},
		`{"code":404,"message":"m","more":1}`:      {"body-members: the body has the members [code message more]"},
		`{"code":404,"code":404,"message":"m"}`:    {"body-members: the body has the members [code code message]"},
		`{"code":404,"message":"m","message":"m"}`: {"body-members: the body has the members [code message message]"},
		`{"Code":404,"message":"m"}`:               {"body-members: the body has the members [Code message]"},

		`{"message":"m","code":404}`:               {"body-bytes: the members have the order [message code]"},
		`{"code":404,"details":"d","message":"m"}`: {"body-bytes: the members have the order [code details message]"},
		`{"code":404, "message":"m"}`:              {"body-bytes: the body has white space between its members"},
		"{\"code\":404,\"message\": \"m\"}\n":      {"body-bytes: the body has white space between its members"},

		`{"code":400,"message":"m"}`:                {"body-code: code is 400 under a 404"},
		`{"code":"404","message":"m"}`:              {`body-code: code is "404" under a 404`},
		`{"code":null,"message":"m"}`:               {"body-code: code is null under a 404"},
		`{"code":404,"message":null}`:               {"body-message: message is null"},
		`{"code":404,"message":["m"]}`:              {`body-message: message is ["m"]`},
		`{"code":404,"message":"m","details":""}`:   {`body-details: details is ""`},
		`{"code":404,"message":"m","details":7}`:    {"body-details: details is 7"},
		`{"code":404,"message":"m","details":null}`: {"body-details: details is null"},
		`{"code":404,"message":"m","details":[]}`:   {"body-details: details is []"},
	} {
		if diff := cmp.Diff(want, judge404(body)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", body, diff)
		}
	}
}

// TestBodyInternals expects no text of Go, gRPC or protobuf in a body.
func TestBodyInternals(t *testing.T) {
	for text, found := range map[string]string{
		"rpc error: code = NotFound desc = x":       "rpc error: code = ",
		"strconv.ParseInt: parsing x":               "strconv.Parse",
		"proto: syntax error":                       "proto: ",
		"proto:\u00a0syntax error":                  "proto:\u00a0",
		"dial tcp 10.0.0.1:5432: refused":           "dial tcp ",
		"dial unix /run/x: refused":                 "dial unix ",
		"runtime error: index out of range":         "runtime error: ",
		"goroutine 17 [running]":                    "goroutine 17 ",
		"grpc: the client connection is closing":    "grpc: ",
		"the protocol is unknown, dial again later": "",
	} {
		body := `{"code":404,"message":"` + text + `"}`
		var want []string
		if found != "" {
			want = []string{fmt.Sprintf("internals: the body contains %q", found)}
		}
		if diff := cmp.Diff(want, judge404(body)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", text, diff)
		}
	}
}

// TestBodyUnread expects no judgement of bodies that cannot be read: those of HEAD, and encoded ones.
func TestBodyUnread(t *testing.T) {
	encoded := documentedHeader("", "Content-Encoding", "gzip")
	encoded.Del("Content-Length")
	for name, test := range map[string]struct {
		method, body string
		header       http.Header
	}{
		"HEAD": {http.MethodHead, "", documentedHeader(anError)},
		"gzip": {http.MethodGet, "\x1f\x8b", encoded},
	} {
		request := httptest.NewRequest(test.method, "/v1/things", nil)
		response := &http.Response{StatusCode: http.StatusNotFound, Header: test.header, Request: request}
		if got := texts(contracttest.Violations(response, []byte(test.body))); len(got) > 0 {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// TestBodyLimit expects that Check and RoundTripper judge bodies of 1 MiB, and only pass longer ones on.
func TestBodyLimit(t *testing.T) {
	const limit = 1 << 20
	for size, want := range map[int][]string{
		limit: {"body-json: the body is not a JSON object"}, limit + 1: nil, limit + 70_000: nil,
	} {
		body := strings.Repeat("x", size)
		tripper, found := judged(&http.Response{
			StatusCode: http.StatusNotFound, Header: documentedHeader(body),
			Body: io.NopCloser(strings.NewReader(body)),
		}, nil)
		request := httptest.NewRequest(http.MethodGet, "/v1/things", nil)
		response, err := tripper.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		if passed, err := io.ReadAll(response.Body); err != nil || string(passed) != body {
			t.Errorf("%d bytes: RoundTripper passed %d bytes, %v", size, len(passed), err)
		}
		if err := response.Body.Close(); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(want, texts(*found)); diff != "" {
			t.Errorf("%d bytes: RoundTripper: (-want +got)\n%s", size, diff)
		}

		var got []contracttest.Violation
		w := httptest.NewRecorder()
		contracttest.Check(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			maps.Copy(w.Header(), documentedHeader(body))
			w.WriteHeader(http.StatusNotFound)
			for piece := range slices.Chunk([]byte(body), 100_000) {
				if n, err := w.Write(piece); n != len(piece) || err != nil {
					t.Errorf("wrote %d of %d bytes, %v", n, len(piece), err)
				}
			}
		}), func(v contracttest.Violation) { got = append(got, v) }).ServeHTTP(w, request)
		if !bytes.Equal(w.Body.Bytes(), []byte(body)) {
			t.Errorf("%d bytes: Check passed %d bytes", size, w.Body.Len())
		}
		if diff := cmp.Diff(want, texts(got)); diff != "" {
			t.Errorf("%d bytes: Check: (-want +got)\n%s", size, diff)
		}
	}
}
