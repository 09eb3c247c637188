package bench_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"

	kratoserrors "github.com/go-kratos/kratos/v2/errors"
	kratoshttp "github.com/go-kratos/kratos/v2/transport/http"
	"github.com/googleapis/gax-go/v2/apierror"
	"google.golang.org/api/googleapi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/mapping"
)

// responses are the error responses that every library reads. The result is an error with a gRPC status, as a gRPC
// handler returns it.
var responses = []struct {
	name        string
	contentType string
	body        string
}{
	{"documented", "application/json", `{"code":409,"message":"the project still has a workspace",` +
		`"details":"workspaces: 1"}`},
	{"googleapis", "application/json", `{"error":{"code":409,"message":"the project still has a workspace",` +
		`"status":"ABORTED"}}`},
	{"html", "text/html", "<html><head><title>409 Conflict</title></head>" +
		"<body><center><h1>409 Conflict</h1></center></body></html>"},
}

var readers = []struct {
	impl string
	read func(response *http.Response) error
}{
	// The generated REST clients of Google's APIs do this with every response.
	{gaxGo, func(response *http.Response) error {
		err := googleapi.CheckResponse(response)
		if parsed, ok := apierror.FromError(err); ok {
			return parsed
		}
		return err
	}},
	{statusbridge, mapping.FromResponse},
	// The HTTP client of kratos does this. It ignores the headers and drops the text of other formats.
	{kratos, func(response *http.Response) error {
		return kratoshttp.DefaultErrorDecoder(context.Background(), response)
	}},
	{floor, func(response *http.Response) error {
		_, _ = io.Copy(io.Discard, response.Body)
		return status.Error(codes.Aborted, "the project still has a workspace")
	}},
}

// BenchmarkFromResponse reads an error response and its gRPC code.
func BenchmarkFromResponse(b *testing.B) {
	for _, test := range responses {
		b.Run("case="+test.name, func(b *testing.B) {
			for _, reader := range readers {
				b.Run("impl="+reader.impl, func(b *testing.B) {
					b.ReportAllocs()
					body := bytes.NewReader([]byte(test.body))
					for b.Loop() {
						_, _ = body.Seek(0, io.SeekStart)
						response := conflict(test.contentType, body)
						if status.Code(reader.read(response)) != codes.Aborted {
							b.Fatal("not Aborted")
						}
						response.Body.Close()
					}
				})
			}
		})
	}
}

func conflict(contentType string, body io.Reader) *http.Response {
	return &http.Response{
		Status:     "409 Conflict",
		StatusCode: http.StatusConflict,
		Header:     http.Header{"Content-Type": {contentType}, "Retry-After": {"2"}},
		Body:       io.NopCloser(body),
	}
}

// TestResponses checks the code that each library reads and logs its error.
func TestResponses(t *testing.T) {
	for _, test := range responses {
		for _, reader := range readers {
			response := conflict(test.contentType, bytes.NewReader([]byte(test.body)))
			err := reader.read(response)
			response.Body.Close()
			if err == nil {
				t.Errorf("%s of %s: an error was read as a success", reader.impl, test.name)
				continue
			}
			if got := status.Code(err); got != codes.Aborted {
				t.Errorf("%s of %s: %v, want Aborted", reader.impl, test.name, got)
			}
			if reader.impl == statusbridge && test.name == "documented" {
				if known, ok := errors.AsType[*mapping.Error](err); !ok || known.Details != "workspaces: 1" {
					t.Errorf("the details are lost: %v", err)
				}
			}
			if known, ok := errors.AsType[*kratoserrors.Error](err); ok && known.Code != http.StatusConflict {
				t.Errorf("kratos read %d", known.Code)
			}
			t.Logf("%s of %s: %v, %q", reader.impl, test.name, status.Code(err), err)
		}
	}
}
