package mapping_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/statusbridge/statusbridge/gateway"
	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/badpeer"
	"github.com/statusbridge/statusbridge/mapping"
)

// facade is a service that calls a REST API, and returns its error.
func facade(url string) testkit.Behaviour {
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return mapping.FromError(err)
		}
		defer func() { _ = response.Body.Close() }()
		return mapping.FromResponse(response)
	}
}

// chain starts a service with a gateway, and three facades with a gateway each. Each facade calls the gateway before
// it. All connections use TCP and HTTP/1.1.
func chain(t *testing.T) (origin *testkit.Service, urls []string) {
	t.Helper()
	origin = &testkit.Service{}
	service := origin
	for range 4 {
		url := testkit.Start(t, testkit.Network, service, gateway.New().NewServeMux()) + "/v1/things/1"
		urls = append(urls, url)
		service = &testkit.Service{}
		service.Behave(facade(url))
	}
	return origin, urls
}

// fetch returns the text of a response, without its Date.
func fetch(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var header strings.Builder
	response.Header.Del("Date")
	if err := response.Header.Write(&header); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s %s\n%s\n%s", response.Proto, response.Status, header.String(), body)
}

// TestFacades expects the response of the API from each facade, byte for byte.
func TestFacades(t *testing.T) {
	retry := &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: 1, Nanos: 1}}
	violations := violationOf("name", "is: empty")
	causes := map[string]error{
		"a plain error": fmt.Errorf("secret"),
		"a deadline":    context.DeadlineExceeded,
		"a retry and violations": with(status.New(codes.InvalidArgument, "m <&> \u2028").
			WithDetails(retry, violations)),
		"a retry with an error": with(status.New(codes.Unavailable, "secret").
			WithDetails(retry, &statusbridgev1.Error{Code: 502, Message: "m", Details: "d"})),
		"a rate limit":           with(status.New(codes.ResourceExhausted, "secret").WithDetails(retry)),
		"an undocumented status": mapping.Errorf(418, "short and stout"),
		"a long message":         mapping.Errorf(404, "%s", strings.Repeat("é", 2000)),
		"long texts": &mapping.Error{HTTPStatus: 503, Message: strings.Repeat("m", 100_000),
			Details: strings.Repeat("🙂", 100_000)},
	}
	for code := codes.Code(1); code <= 18; code++ {
		causes[code.String()] = status.Error(code, "m")
		causes[code.String()+" without a text"] = status.Error(code, "")
		causes[code.String()+" to be retried"] = with(status.New(code, "m").WithDetails(retry))
	}
	for _, row := range page {
		if row.status >= 400 {
			causes[row.phrase] = mapping.Errorf(row.status, "")
			causes[row.phrase+" with texts"] = &mapping.Error{HTTPStatus: row.status, Message: "m", Details: "d: é"}
		}
	}
	origin, urls := chain(t)
	for name, cause := range causes {
		t.Run(name, func(t *testing.T) {
			origin.Behave(failWith(cause))
			want := fetch(t, urls[0])
			if !strings.HasPrefix(want, "HTTP/1.1 4") && !strings.HasPrefix(want, "HTTP/1.1 5") {
				t.Fatalf("the API sends %s", want)
			}
			if _, ok := cause.(interface{ GRPCStatus() *status.Status }); ok && strings.Contains(name, "retr") &&
				!strings.Contains(want, "\nRetry-After: ") {
				t.Fatalf("the API does not ask to retry: %s", want)
			}
			for depth, url := range urls[1:] {
				if diff := cmp.Diff(want, fetch(t, url)); diff != "" {
					t.Errorf("facade %d (-API +facade):\n%s", depth+1, diff)
				}
			}
		})
	}
}

// TestFacades_cut_once cuts long texts of an API in the first facade. The next facades do not change them.
func TestFacades_cut_once(t *testing.T) {
	origin, urls := chain(t)
	for _, code := range []codes.Code{codes.NotFound, codes.Unavailable} {
		origin.Behave(failWith(with(status.New(code, strings.Repeat("m", 6000)).WithDetails(
			&statusbridgev1.Error{Code: int32(mapping.HTTPStatus(code)), Message: strings.Repeat("é", 6000)}))))
		first := fetch(t, urls[1])
		if !strings.Contains(first, "…") {
			t.Errorf("%v was not cut: %.200s", code, first)
		}
		for _, url := range urls[2:] {
			if diff := cmp.Diff(first, fetch(t, url)); diff != "" {
				t.Errorf("%v (-first +next):\n%s", code, diff)
			}
		}
	}
}

// TestFacades_without_the_API sends 503, and hides the address of the API.
func TestFacades_without_the_API(t *testing.T) {
	service := &testkit.Service{}
	service.Behave(facade("http://user:secret@" + badpeer.Nowhere(t) + "/?token=secret"))
	url := testkit.Start(t, testkit.Network, service, gateway.New().NewServeMux()) + "/v1/things/1"
	for range 2 {
		got := fetch(t, url)
		if !strings.HasPrefix(got, "HTTP/1.1 503") || !strings.Contains(got, sentence(503)) ||
			strings.Contains(got, "secret") {
			t.Errorf("%s", got)
		}
		next := &testkit.Service{}
		next.Behave(facade(url))
		url = testkit.Start(t, testkit.Network, next, gateway.New().NewServeMux()) + "/v1/things/1"
	}
}
