package interop

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"google.golang.org/grpc/codes"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"
)

// getPod reads a pod with client-go and returns the error.
func getPod(ctx context.Context, url string) error {
	scheme := kruntime.NewScheme()
	core := schema.GroupVersion{Version: "v1"}
	metav1.AddToGroupVersion(scheme, core)
	client, err := rest.RESTClientFor(&rest.Config{
		Host: url, APIPath: "/api",
		ContentConfig: rest.ContentConfig{
			GroupVersion: &core, NegotiatedSerializer: serializer.NewCodecFactory(scheme).WithoutConversion(),
		},
	})
	if err != nil {
		return err
	}
	return client.Get().Namespace("a").Resource("pods").Name("b").MaxRetries(0).Do(ctx).Error()
}

// apiServer sends an error as the API server of Kubernetes does: its Status is the body.
func apiServer(t *testing.T, err *kerrors.StatusError) http.Handler {
	t.Helper()
	failure := err.Status()
	failure.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
	body, failed := json.Marshal(failure)
	if failed != nil {
		t.Fatal(failed)
	}
	return respondWith(int(failure.Code), string(body))
}

// TestKubernetesErrors forwards the errors of client-go.
func TestKubernetesErrors(t *testing.T) {
	checkClientErrors(t, kubernetesErrors(t))
}

// kubernetesErrors calls an API server that fails. Each reason of k8s.io/apimachinery documents its status code.
func kubernetesErrors(t *testing.T) []clientError {
	t.Helper()
	pods := schema.GroupResource{Resource: "pods"}
	secret := errors.New("secret")
	var errs []clientError
	for _, e := range []struct {
		err        *kerrors.StatusError
		exact      int
		code       codes.Code
		httpStatus int
		message    string // the documented sentence if it is empty
		retryAfter string
		row        string
	}{
		{err: kerrors.NewBadRequest("no name"), exact: 400, code: codes.InvalidArgument, httpStatus: 400, message: "no name"},
		{err: kerrors.NewUnauthorized("who?"), exact: 401, code: codes.Unauthenticated, httpStatus: 401, message: "who?"},
		{
			err: kerrors.NewForbidden(pods, "b", errors.New("not yours")), exact: 403, code: codes.PermissionDenied,
			httpStatus: 403, message: `pods "b" is forbidden: not yours`,
		},
		{
			err: kerrors.NewNotFound(pods, "b"), exact: 404, code: codes.NotFound, httpStatus: 404,
			message: `pods "b" not found`, row: "`NewNotFound`",
		},
		{
			err: kerrors.NewMethodNotSupported(pods, "patch"), exact: 405, code: codes.Unimplemented, httpStatus: 405,
			message: `patch is not supported on resources of kind "pods"`,
		},
		{
			err: kerrors.NewAlreadyExists(pods, "b"), exact: 409, code: codes.AlreadyExists, httpStatus: 409,
			message: `pods "b" already exists`, row: "`NewAlreadyExists`",
		},
		{
			err: kerrors.NewGenerateNameConflict(pods, "b", 3), exact: 409, code: codes.AlreadyExists, httpStatus: 409,
			message:    `pods "b" already exists, the server was not able to generate a unique name for the object`,
			retryAfter: "3",
		},
		{
			err: kerrors.NewConflict(pods, "b", errors.New("modified")), exact: 409, code: codes.Aborted, httpStatus: 409,
			message: `Operation cannot be fulfilled on pods "b": modified`,
		},
		{
			err: kerrors.NewApplyConflict(nil, "owned by another manager"), exact: 409, code: codes.Aborted,
			httpStatus: 409, message: "owned by another manager",
		},
		{
			err: kerrors.NewResourceExpired("too old"), exact: 410, code: codes.NotFound, httpStatus: 404,
			message: "too old",
		},
		{
			err: kerrors.NewRequestEntityTooLargeError("9 MB"), exact: 413, code: codes.InvalidArgument, httpStatus: 400,
			message: "Request entity too large: 9 MB",
		},
		{
			err: kerrors.NewInvalid(schema.GroupKind{Kind: "Pod"}, "b", nil), exact: 422, code: codes.InvalidArgument,
			httpStatus: 400, message: `Pod "b" is invalid`, row: "`NewInvalid`",
		},
		{
			err: kerrors.NewTooManyRequests("slow down", 5), exact: 429, code: codes.ResourceExhausted, httpStatus: 503,
			message: "slow down", retryAfter: "5", row: "`NewTooManyRequests`",
		},
		{err: kerrors.NewInternalError(secret), exact: 500, code: codes.Internal, httpStatus: 500},
		{
			err: kerrors.NewServerTimeout(pods, "get", 2), exact: 500, code: codes.Internal, httpStatus: 500,
			retryAfter: "2",
		},
		{err: kerrors.NewServiceUnavailable("secret"), exact: 503, code: codes.Unavailable, httpStatus: 503},
		{
			err: kerrors.NewTimeoutError("secret", 4), exact: 504, code: codes.DeadlineExceeded, httpStatus: 504,
			retryAfter: "4", row: "`NewTimeoutError`",
		},
	} {
		if e.message == "" {
			e.message = sentences[e.httpStatus]
		}
		errs = append(errs, clientError{
			name: string(e.err.Status().Reason), err: call(t, getPod, apiServer(t, e.err)), row: e.row,
			want: received{
				exact: e.exact, code: e.code, httpStatus: e.httpStatus, message: e.message, retryAfter: e.retryAfter,
			},
		})
	}
	return errs
}

// TestKubernetesClientElsewhere calls servers that send no Status. The client then makes one of the status code.
func TestKubernetesClientElsewhere(t *testing.T) {
	checkClientErrors(t, []clientError{
		{name: "a gateway's 404", err: call(t, getPod, gatewayFor(t, 404)), want: received{
			exact: 404, code: codes.NotFound, httpStatus: 404,
			message: "the server could not find the requested resource (get pods b)",
		}},
		{name: "a gateway's 502", err: call(t, getPod, gatewayFor(t, 502)), want: received{
			exact: 502, code: codes.Unavailable, httpStatus: 502, message: sentences[502],
		}},
		{
			name: "a proxy's 503",
			err:  call(t, getPod, respondWith(503, "<h1>secret</h1>", "Content-Type", "text/html", "Retry-After", "9")),
			want: received{
				exact: 503, code: codes.Unavailable, httpStatus: 503, message: sentences[503], retryAfter: "9",
			},
		},
	})
}
