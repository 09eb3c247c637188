package readme

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// differences sends the same requests to a grpc-gateway without this library and to one with a bridge.
func differences(t *testing.T) string {
	service := &testkit.Service{}
	stock := testkit.Start(t, testkit.Network, service, runtime.NewServeMux())
	ours := testkit.Start(t, testkit.Network, service, gateway.New().NewServeMux())
	const known = "/v1/things/1"
	rows := []struct {
		what         string
		method, path string
		behaviour    testkit.Behaviour
	}{
		{"`mapping.SetHTTPStatus(ctx, 202)`", "GET", known, func(ctx context.Context) error {
			return mapping.SetHTTPStatus(ctx, http.StatusAccepted)
		}},
		{"a method that the path does not support", "POST", known, nil},
		{"HEAD of a path with GET", "HEAD", known, nil},
		{"a parameter of the wrong type", "GET", "/v1/things/first", nil},
		{"FailedPrecondition", "GET", known, fail(status.Error(codes.FailedPrecondition, "suspended already"))},
		{"ResourceExhausted", "GET", known, fail(status.Error(codes.ResourceExhausted, "ten a second"))},
		{"Unauthenticated", "GET", known, fail(status.Error(codes.Unauthenticated, "token expired"))},
		{"`mapping.Errorf(502, …)`", "GET", known,
			fail(mapping.Errorf(http.StatusBadGateway, "the scheduler sent an invalid response"))},
		{"a plain Go error", "GET", known, fail(errors.New("pq: no password for 10.0.0.3"))},
	}
	var b strings.Builder
	b.WriteString("| what happens | without this library | with a bridge |\n|---|---|---|\n")
	for _, row := range rows {
		service.Behave(row.behaviour)
		fmt.Fprintf(&b, "| %s | %s | %s |\n", row.what,
			response(t, row.method, stock+row.path), response(t, row.method, ours+row.path))
	}
	return b.String()
}

func fail(err error) testkit.Behaviour {
	return func(context.Context) error { return err }
}

var unstable = strings.NewReplacer(`, "`, `,"`, `: "`, `:"`, `: [`, `:[`, "\u00a0", " ")

func response(t *testing.T, method, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	received, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = received.Body.Close() }()
	body, err := io.ReadAll(received.Body)
	if err != nil {
		t.Fatal(err)
	}
	parts := []string{fmt.Sprint(received.StatusCode)}
	for _, name := range []string{"Allow", "WWW-Authenticate", "Retry-After"} {
		if value := received.Header.Get(name); value != "" {
			parts = append(parts, "`"+name+": "+value+"`")
		}
	}
	if received.StatusCode >= http.StatusBadRequest && len(body) > 0 {
		// The white space of protojson differs from build to build.
		parts = append(parts, "`"+unstable.Replace(string(body))+"`")
	}
	return strings.Join(parts, " ")
}
