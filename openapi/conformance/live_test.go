package conformance_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bufbuild/protocompile"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
	"github.com/statusbridge/statusbridge/openapi/internal/plugintest"
)

// thingsDocument returns the document of the test service, which has every kind of method and binding.
func thingsDocument(t *testing.T) *openapi3.T {
	t.Helper()
	resolver := &protocompile.SourceResolver{ImportPaths: []string{"../../internal/testkit/proto", "../../proto"}}
	request := plugintest.Compile(t, resolver, "", "statusbridge/testkit/v1/testkit.proto")
	return validate(t, programs.Generate(t, request)["statusbridge/testkit/v1/openapi.json"])
}

// requests has one request for each operation of the test service.
var requests = map[string]struct{ method, path, body string }{
	"ThingService_Get":      {"GET", "/v1/things/1", ""},
	"ThingService_Create":   {"POST", "/v1/things", `{}`},
	"ThingService_Update":   {"PATCH", "/v1/things/1", `{"name":"new"}`},
	"ThingService_Replace":  {"PUT", "/v1/things/1", `{"name":"new"}`},
	"ThingService_Delete":   {"DELETE", "/v1/things/1", ""},
	"ThingService_Rename":   {"POST", "/v1/things/1:rename", `"new"`},
	"ThingService_Name":     {"GET", "/v1/things/1/name", ""},
	"ThingService_Download": {"GET", "/v1/things/1/download", ""},
	"ThingService_Suspend":  {"POST", "/v1/things/1:suspend", `{}`},
	"ThingService_Export":   {"GET", "/v1/things/1/export", ""},
	"ThingService_Watch":    {"GET", "/v1/things/1/watch", ""},
	"ThingService_Upload":   {"POST", "/v1/uploads", `{}`},
	"ThingService_Chat":     {"POST", "/v1/chat", `{"line":"hello"}`},
}

// TestLive asks a gateway for every documented status of every operation of the test service and validates the
// responses. The responses of grpc-gateway without this library are invalid.
func TestLive(t *testing.T) {
	document := thingsDocument(t)
	service := &testkit.Service{}
	ours := testkit.Start(t, testkit.Network, service, gateway.New().NewServeMux())
	stock := testkit.Start(t, testkit.Network, service, runtime.NewServeMux())
	seen := 0
	for path, item := range document.Paths.Map() {
		for method, operation := range item.Operations() {
			route := &routers.Route{Spec: document, Path: path, PathItem: item, Method: method, Operation: operation}
			seen++
			t.Run(operation.OperationID, func(t *testing.T) {
				request, ok := requests[operation.OperationID]
				if !ok || request.method != method {
					t.Fatalf("no request for %s %s", method, path)
				}
				for key := range operation.Responses.Map() {
					httpStatus, _ := strconv.Atoi(key)
					service.Behave(func(context.Context) error {
						if httpStatus < http.StatusBadRequest {
							return nil // the gateway sends the documented success
						}
						return failure(t, httpStatus)
					})
					response := ask(t, ours, request.method, request.path, request.body)
					if response.StatusCode != httpStatus {
						t.Errorf("%d: got %d", httpStatus, response.StatusCode)
					}
					if err := check(t, route, response); err != nil {
						t.Errorf("%d: %v", httpStatus, err)
					}
					if httpStatus < http.StatusBadRequest {
						continue
					}
					if check(t, route, ask(t, stock, request.method, request.path, request.body)) == nil {
						t.Errorf("%d: the response of grpc-gateway without this library is valid, too", httpStatus)
					}
				}
			})
		}
	}
	if seen != len(requests) {
		t.Errorf("the document has %d operations, want %d", seen, len(requests))
	}
}

// retried are the statuses that the tests send with Retry-After.
var retried = map[int]bool{409: true, 500: true, 502: true, 503: true, 504: true}

// failure returns an error of a service for a status, with the details that become headers.
func failure(t *testing.T, httpStatus int) error {
	if !retried[httpStatus] {
		return mapping.Errorf(httpStatus, "on purpose")
	}
	s, err := status.Convert(mapping.Errorf(httpStatus, "on purpose")).
		WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(3 * time.Second)})
	if err != nil {
		t.Error(err)
	}
	return s.Err()
}

// TestLiveHeaders shows that each documented header is sent and is validated.
func TestLiveHeaders(t *testing.T) {
	document := thingsDocument(t)
	item := document.Paths.Find("/v1/things/{id}")
	route := &routers.Route{Spec: document, PathItem: item, Method: http.MethodGet, Operation: item.Get}
	route.Operation.Responses.Set("405", document.Components.Responses["MethodNotAllowed"]) // which the routing sends
	service := &testkit.Service{}
	url := testkit.Start(t, testkit.Network, service, gateway.New().NewServeMux())
	for httpStatus, header := range map[int]struct{ name, value, wrong string }{
		http.StatusUnauthorized:       {"WWW-Authenticate", "Bearer", ""},
		http.StatusMethodNotAllowed:   {"Allow", "DELETE, GET, PATCH, PUT", ""},
		http.StatusConflict:           {"Retry-After", "3", "3s"},
		http.StatusBadGateway:         {"Retry-After", "3", "3s"},
		http.StatusServiceUnavailable: {"Retry-After", "3", "3s"},
		http.StatusGatewayTimeout:     {"Retry-After", "3", "3s"},
	} {
		service.Behave(func(context.Context) error { return failure(t, httpStatus) })
		method := http.MethodGet
		if httpStatus == http.StatusMethodNotAllowed {
			method = http.MethodPost
		}
		response := ask(t, url, method, "/v1/things/1", "")
		if got := response.Header.Get(header.name); response.StatusCode != httpStatus || got != header.value {
			t.Errorf("%d: got %d, %s: %q, want %q", httpStatus, response.StatusCode, header.name, got, header.value)
		}
		if err := check(t, route, response); err != nil {
			t.Errorf("%d: %v", httpStatus, err)
		}
		response.Header.Del(header.name)
		if header.wrong != "" {
			response.Header.Set(header.name, header.wrong)
		}
		if check(t, route, response) == nil {
			t.Errorf("%d: a response with a wrong %s is valid", httpStatus, header.name)
		}
	}
}

// TestLiveChunks breaks a stream after its first message.
func TestLiveChunks(t *testing.T) {
	document := thingsDocument(t)
	item := document.Paths.Find("/v1/things/{id}/watch")
	route := &routers.Route{Spec: document, PathItem: item, Method: http.MethodGet, Operation: item.Get}
	service := &testkit.Service{}
	service.BehaveStream(func(_ context.Context, send func() error) error {
		if err := send(); err != nil {
			return err
		}
		return mapping.Errorf(http.StatusConflict, "on purpose")
	})
	url := testkit.Start(t, testkit.Network, service, gateway.New().NewServeMux())
	response := ask(t, url, http.MethodGet, "/v1/things/1/watch", "")
	chunks := bytes.Split(bytes.TrimSpace(response.body), []byte("\n"))
	if len(chunks) != 2 || !bytes.Contains(chunks[1], []byte(`"error"`)) {
		t.Fatalf("the stream is %q", response.body)
	}
	if err := check(t, route, response); err != nil {
		t.Error(err)
	}
	response.body = []byte(`{"error":{"code":10,"message":"on purpose","details":[]}}`)
	if check(t, route, response) == nil {
		t.Error("a chunk of grpc-gateway without this library is valid")
	}
}

type reply struct {
	*http.Response
	body []byte
}

func ask(t *testing.T, url, method, path, body string) *reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return &reply{response, content}
}

// check validates a response. It validates each chunk of a stream, because the document describes one.
func check(t *testing.T, route *routers.Route, a *reply) error {
	t.Helper()
	chunks := [][]byte{a.body}
	if strings.HasSuffix(route.Path, "/watch") && a.StatusCode == http.StatusOK {
		chunks = bytes.Split(bytes.TrimSpace(a.body), []byte("\n"))
	}
	for _, chunk := range chunks {
		err := openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
			RequestValidationInput: &openapi3filter.RequestValidationInput{Request: a.Request, Route: route},
			Status:                 a.StatusCode,
			Header:                 a.Header,
			Body:                   io.NopCloser(bytes.NewReader(chunk)),
			Options:                &openapi3filter.Options{IncludeResponseStatus: true},
		})
		if err != nil {
			return err
		}
	}
	return nil
}
