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
	conflict := `Operation cannot be fulfilled on pods "b": modified`
	noName := `pods "b" already exists, the server was not able to generate a unique name for the object`
	var errs []clientError
	for _, e := range []struct {
		row  string
		err  *kerrors.StatusError
		want received
	}{
		{"", kerrors.NewBadRequest("no name"), says(codes.InvalidArgument, 400, "no name")},
		{"", kerrors.NewUnauthorized("who?"), says(codes.Unauthenticated, 401, "who?")},
		{
			"", kerrors.NewForbidden(pods, "b", errors.New("not yours")),
			says(codes.PermissionDenied, 403, `pods "b" is forbidden: not yours`),
		},
		{"`NewNotFound`", kerrors.NewNotFound(pods, "b"), says(codes.NotFound, 404, `pods "b" not found`)},
		{
			"", kerrors.NewMethodNotSupported(pods, "patch"),
			says(codes.Unimplemented, 405, `patch is not supported on resources of kind "pods"`),
		},
		{
			"`NewAlreadyExists`", kerrors.NewAlreadyExists(pods, "b"),
			says(codes.AlreadyExists, 409, `pods "b" already exists`),
		},
		{"", kerrors.NewGenerateNameConflict(pods, "b", 3), says(codes.AlreadyExists, 409, noName).after("3")},
		{"", kerrors.NewConflict(pods, "b", errors.New("modified")), says(codes.Aborted, 409, conflict)},
		{"", kerrors.NewApplyConflict(nil, "owned by another"), says(codes.Aborted, 409, "owned by another")},
		{"", kerrors.NewResourceExpired("too old"), says(codes.NotFound, 404, "too old").from(410)},
		{
			"", kerrors.NewRequestEntityTooLargeError("9 MB"),
			says(codes.InvalidArgument, 400, "Request entity too large: 9 MB").from(413),
		},
		{
			"`NewInvalid`", kerrors.NewInvalid(schema.GroupKind{Kind: "Pod"}, "b", nil),
			says(codes.InvalidArgument, 400, `Pod "b" is invalid`).from(422),
		},
		{
			"`NewTooManyRequests`", kerrors.NewTooManyRequests("slow down", 5),
			says(codes.ResourceExhausted, 503, "slow down").from(429).after("5"),
		},
		{"", kerrors.NewInternalError(secret), hides(codes.Internal, 500)},
		{"", kerrors.NewServerTimeout(pods, "get", 2), hides(codes.Internal, 500).after("2")},
		{"", kerrors.NewServiceUnavailable("secret"), hides(codes.Unavailable, 503)},
		{"`NewTimeoutError`", kerrors.NewTimeoutError("secret", 4), hides(codes.DeadlineExceeded, 504).after("4")},
	} {
		errs = append(errs, clientError{
			name: string(e.err.Status().Reason), row: e.row, want: e.want,
			err: call(t, getPod, apiServer(t, e.err)),
		})
	}
	return errs
}

// TestKubernetesClientElsewhere calls servers that send no Status. The client then makes one of the status code.
func TestKubernetesClientElsewhere(t *testing.T) {
	checkClientErrors(t, []clientError{
		{
			name: "a gateway's 404", err: call(t, getPod, gatewayFor(t, 404)),
			want: says(codes.NotFound, 404, "the server could not find the requested resource (get pods b)"),
		},
		{name: "a gateway's 502", err: call(t, getPod, gatewayFor(t, 502)), want: hides(codes.Unavailable, 502)},
		{
			name: "a proxy's 503",
			err:  call(t, getPod, respondWith(503, "<h1>secret</h1>", "Content-Type", "text/html", "Retry-After", "9")),
			want: hides(codes.Unavailable, 503).after("9"),
		},
	})
}
