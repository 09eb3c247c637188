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

// differences asks a stock gateway and one with Bridge the same, over real connections.
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
		{"the service accepts (`mapping.SetHTTPStatus(ctx, 202)`)", "GET", known, func(ctx context.Context) error {
			return mapping.SetHTTPStatus(ctx, http.StatusAccepted)
		}},
		{"a method that the path does not have", "POST", known, nil},
		{"HEAD where GET is bound", "HEAD", known, nil},
		{"a parameter of the wrong type", "GET", "/v1/things/first", nil},
		{"FailedPrecondition", "GET", known, fail(status.Error(codes.FailedPrecondition, "suspended already"))},
		{"ResourceExhausted", "GET", known, fail(status.Error(codes.ResourceExhausted, "ten a second"))},
		{"Unauthenticated", "GET", known, fail(status.Error(codes.Unauthenticated, "token expired"))},
		{"`mapping.Errorf(502, …)`", "GET", known, fail(mapping.Errorf(http.StatusBadGateway, "the scheduler makes no sense"))},
		{"a plain Go error", "GET", known, fail(errors.New("pq: no password for 10.0.0.3"))},
	}
	var b strings.Builder
	b.WriteString("| what happens | grpc-gateway alone | with a bridge |\n|---|---|---|\n")
	for _, row := range rows {
		service.Behave(row.behaviour)
		fmt.Fprintf(&b, "| %s | %s | %s |\n", row.what,
			answer(t, row.method, stock+row.path), answer(t, row.method, ours+row.path))
	}
	return b.String()
}

func fail(err error) testkit.Behaviour {
	return func(context.Context) error { return err }
}

var unstable = strings.NewReplacer(`, "`, `,"`, `: "`, `:"`, `: [`, `:[`, "\u00a0", " ")

func answer(t *testing.T, method, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	parts := []string{fmt.Sprint(response.StatusCode)}
	for _, name := range []string{"Allow", "WWW-Authenticate"} {
		if value := response.Header.Get(name); value != "" {
			parts = append(parts, "`"+name+": "+value+"`")
		}
	}
	if response.StatusCode >= http.StatusBadRequest && len(body) > 0 {
		// protojson's spacing differs from build to build, on purpose.
		parts = append(parts, "`"+unstable.Replace(string(body))+"`")
	}
	return strings.Join(parts, " ")
}
