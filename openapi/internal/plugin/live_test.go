package plugin_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// testkitProto is the service of the library's own tests: every kind of method and binding.
const testkitProto = "statusbridge/testkit/v1/testkit.proto"

// requests are one request for each operation of the probe.
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

// TestLive asks a gateway for every documented status of every operation of the probe, and holds each answer against the
// document. grpc-gateway's own answers do not match it.
func TestLive(t *testing.T) {
	document := validate(t, generate(t, compile(t, "../../../internal/testkit/proto", "", testkitProto))["statusbridge/testkit/v1/openapi.json"])
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
					t.Fatalf("nothing asks for %s %s", method, path)
				}
				for key := range operation.Responses.Map() {
					httpStatus, _ := strconv.Atoi(key)
					service.Behave(func(context.Context) error {
						if httpStatus < http.StatusBadRequest {
							return nil // the documented success is what comes by itself
						}
						return failure(t, httpStatus)
					})
					answer := ask(t, ours, request.method, request.path, request.body)
					if answer.StatusCode != httpStatus {
						t.Errorf("%d: got %d", httpStatus, answer.StatusCode)
					}
					if err := check(t, route, answer); err != nil {
						t.Errorf("%d: %v", httpStatus, err)
					}
					if httpStatus < http.StatusBadRequest {
						continue
					}
					if check(t, route, ask(t, stock, request.method, request.path, request.body)) == nil {
						t.Errorf("%d: the answer of grpc-gateway alone matches, so the document says nothing", httpStatus)
					}
				}
			})
		}
	}
	if seen != len(requests) {
		t.Errorf("the document has %d operations, want %d", seen, len(requests))
	}
}

// failure is an error of a service for a status, with the details that become headers.
func failure(t *testing.T, httpStatus int) error {
	if httpStatus != http.StatusServiceUnavailable {
		return mapping.Errorf(httpStatus, "on purpose")
	}
	s, err := status.New(codes.Unavailable, "on purpose").WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(3 * time.Second)})
	if err != nil {
		t.Error(err)
	}
	return s.Err()
}

// TestLiveHeaders makes sure that each documented header was there and was looked at.
func TestLiveHeaders(t *testing.T) {
	document := validate(t, generate(t, compile(t, "../../../internal/testkit/proto", "", testkitProto))["statusbridge/testkit/v1/openapi.json"])
	item := document.Paths.Find("/v1/things/{id}")
	route := &routers.Route{Spec: document, PathItem: item, Method: http.MethodGet, Operation: item.Get}
	route.Operation.Responses.Set("405", document.Components.Responses["MethodNotAllowed"]) // which routing answers
	service := &testkit.Service{}
	url := testkit.Start(t, testkit.Network, service, gateway.New().NewServeMux())
	for httpStatus, header := range map[int]struct{ name, value, wrong string }{
		http.StatusUnauthorized:       {"WWW-Authenticate", "Bearer", ""},
		http.StatusMethodNotAllowed:   {"Allow", "DELETE, GET, PATCH, PUT", ""},
		http.StatusServiceUnavailable: {"Retry-After", "3", "3s"},
	} {
		service.Behave(func(context.Context) error { return failure(t, httpStatus) })
		method := http.MethodGet
		if httpStatus == http.StatusMethodNotAllowed {
			method = http.MethodPost
		}
		answer := ask(t, url, method, "/v1/things/1", "")
		if got := answer.Header.Get(header.name); answer.StatusCode != httpStatus || got != header.value {
			t.Errorf("%d: got %d, %s: %q, want %q", httpStatus, answer.StatusCode, header.name, got, header.value)
		}
		if err := check(t, route, answer); err != nil {
			t.Errorf("%d: %v", httpStatus, err)
		}
		answer.Header.Del(header.name)
		if header.wrong != "" {
			answer.Header.Set(header.name, header.wrong)
		}
		if check(t, route, answer) == nil {
			t.Errorf("%d: %s is not looked at", httpStatus, header.name)
		}
	}
}

// TestLiveChunks breaks a stream after its first message.
func TestLiveChunks(t *testing.T) {
	document := validate(t, generate(t, compile(t, "../../../internal/testkit/proto", "", testkitProto))["statusbridge/testkit/v1/openapi.json"])
	item := document.Paths.Find("/v1/things/{id}/watch")
	route := &routers.Route{Spec: document, PathItem: item, Method: http.MethodGet, Operation: item.Get}
	service := &testkit.Service{}
	service.BehaveStream(func(_ context.Context, send func() error) error {
		if err := send(); err != nil {
			return err
		}
		return mapping.Errorf(http.StatusConflict, "on purpose")
	})
	answer := ask(t, testkit.Start(t, testkit.Network, service, gateway.New().NewServeMux()), http.MethodGet, "/v1/things/1/watch", "")
	chunks := bytes.Split(bytes.TrimSpace(answer.body), []byte("\n"))
	if len(chunks) != 2 || !bytes.Contains(chunks[1], []byte(`"error"`)) {
		t.Fatalf("the stream is %q", answer.body)
	}
	if err := check(t, route, answer); err != nil {
		t.Error(err)
	}
	answer.body = []byte(`{"error":{"code":10,"message":"on purpose","details":[]}}`)
	if check(t, route, answer) == nil {
		t.Error("a chunk of grpc-gateway alone matches")
	}
}

type answer struct {
	*http.Response
	body []byte
}

func ask(t *testing.T, url, method, path, body string) *answer {
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
	return &answer{response, content}
}

// check validates an answer; that of a stream chunk by chunk, because that is what the document describes.
func check(t *testing.T, route *routers.Route, a *answer) error {
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

func init() {
	// A validator knows JSON and text; what an HttpBody holds is a string of bytes to it.
	openapi3filter.RegisterBodyDecoder("*/*",
		func(body io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
			content, err := io.ReadAll(body)
			return string(content), err
		})
}
