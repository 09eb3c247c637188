package interop

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/googleapis/gax-go/v2"
	"github.com/googleapis/gax-go/v2/apierror"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"
	"google.golang.org/api/tasks/v1"
	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// getTasks reads a list of tasks with the client of a Google API and returns the error, a *googleapi.Error if the API
// responds.
func getTasks(ctx context.Context, url string) error {
	client, err := tasks.NewService(ctx, option.WithoutAuthentication(), option.WithEndpoint(url))
	if err != nil {
		return err
	}
	_, err = client.Tasklists.Get("a").Context(ctx).Do()
	return err
}

// getCloud sends a request as the REST clients of Google Cloud do. They return an *apierror.APIError.
func getCloud(ctx context.Context, url string) error {
	return gax.Invoke(ctx, func(ctx context.Context, _ gax.CallSettings) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		return googleapi.CheckResponse(response)
	})
}

// getTasksThroughGax passes an error of getTasks through gax.
func getTasksThroughGax(ctx context.Context, url string) error {
	return gax.Invoke(ctx, func(ctx context.Context, _ gax.CallSettings) error { return getTasks(ctx, url) })
}

// googleErrors calls APIs that fail: those of Google (https://cloud.google.com/apis/design/errors), and a gateway.
func googleErrors(t *testing.T, get clientCall) []clientError {
	t.Helper()
	return []clientError{
		{
			name: "a code that is more exact than the status", row: "409, `ALREADY_EXISTS`",
			err:  call(t, get, respondWith(409, `{"error":{"code":409,"message":"taken","status":"ALREADY_EXISTS"}}`)),
			want: says(codes.AlreadyExists, 409, "taken"),
		},
		{
			name: "violations", row: "400 with `BadRequest`",
			err: call(t, get, respondWith(400, `{"error":{"code":400,"message":"invalid","status":"INVALID_ARGUMENT",
				"details":[{"@type":"type.googleapis.com/google.rpc.BadRequest",
				"fieldViolations":[{"field":"title","description":"is empty"}]}]}}`)),
			want: says(codes.InvalidArgument, 400, "invalid").with("title: is empty"),
		},
		{
			name: "an error without a status name",
			err: call(t, get, respondWith(404, `{"error":{"code":404,"message":"no such list",
				"errors":[{"domain":"global","reason":"notFound","message":"no such list"}]}}`)),
			want: says(codes.NotFound, 404, "no such list"),
		},
		{
			name: "a quota", row: "429, `RESOURCE_EXHAUSTED`",
			err: call(t, get, respondWith(429,
				`{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}`, "Retry-After", "9")),
			want: says(codes.ResourceExhausted, 503, "slow down").from(429).after("9"),
		},
		{
			name: "a 5xx", row: "503, `UNAVAILABLE`",
			err: call(t, get, respondWith(503,
				`{"error":{"code":503,"message":"secret","status":"UNAVAILABLE"}}`, "Retry-After", "8")),
			want: hides(codes.Unavailable, 503).after("8"),
		},
		{
			name: "a body in an array",
			err: call(t, get, respondWith(403,
				`[{"error":{"code":403,"message":"not yours","status":"PERMISSION_DENIED"}}]`)),
			want: says(codes.PermissionDenied, 403, "not yours"),
		},
		{
			name: "HTML of a proxy", row: "502 with HTML",
			err:  call(t, get, respondWith(502, "<h1>secret</h1>", "Content-Type", "text/html")),
			want: hides(codes.Unavailable, 502),
		},
		{
			name: "the documented body", row: "405 with the documented body",
			err:  call(t, get, gatewayFor(t, 405)),
			want: says(codes.Unimplemented, 405, "the service says 405"),
		},
	}
}

// TestGoogleErrors forwards the errors of a client of google.golang.org/api.
func TestGoogleErrors(t *testing.T) {
	checkClientErrors(t, googleErrors(t, getTasks))
}

// TestGaxErrors forwards the errors that gax makes of responses, of errors of that client, and of gRPC statuses.
func TestGaxErrors(t *testing.T) {
	checkClientErrors(t, googleErrors(t, getCloud))
	checkClientErrors(t, googleErrors(t, getTasksThroughGax))
	things := testkitv1.NewThingServiceClient(dial(t, backend(t)))
	checkClientErrors(t, []clientError{{
		name: "a gRPC status",
		err: gax.Invoke(t.Context(), func(ctx context.Context, _ gax.CallSettings) error {
			_, err := things.Get(ctx, &testkitv1.GetRequest{Id: 502})
			return err
		}),
		want: says(codes.Unavailable, 502, "the service says 502"),
	}})
}

// TestGoogleErrorTypes shows that the errors above are those that FromError has to recognise.
func TestGoogleErrorTypes(t *testing.T) {
	notFound := respondWith(404, `{}`)
	if _, ok := errors.AsType[*googleapi.Error](call(t, getTasks, notFound)); !ok {
		t.Error("the client of an API returns another type")
	}
	for _, get := range []clientCall{getCloud, getTasksThroughGax} {
		if _, ok := errors.AsType[*apierror.APIError](call(t, get, notFound)); !ok {
			t.Error("gax returns another type")
		}
	}
}
