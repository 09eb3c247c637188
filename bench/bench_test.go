// Package bench measures the reading of an API's error answer beside the library that Google's own Go clients read
// theirs with. It is a module of its own, so that nobody who imports the library downloads the other one.
package bench_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/googleapis/gax-go/v2/apierror"
	"google.golang.org/api/googleapi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/mapping"
)

// Both are given the same bytes and the same headers, once in the form that each of them is made for and once in the
// other's, and both end in what a gRPC handler returns: an error with a gRPC status.
var bodies = []struct {
	name        string
	contentType string
	body        string
}{
	{"documented", "application/json", `{"code":409,"message":"the project still has a workspace","details":"workspaces: 1"}`},
	{"googleapis", "application/json", `{"error":{"code":409,"message":"the project still has a workspace","status":"ABORTED"}}`},
	{"html", "text/html", "<html><head><title>409 Conflict</title></head><body><center><h1>409 Conflict</h1></center></body></html>"},
}

var readers = []struct {
	name string
	read func(contentType string, body *bytes.Reader) error
}{
	{"gax", func(contentType string, body *bytes.Reader) error {
		// What the generated clients of Google's APIs do with every answer.
		return fromError(googleapi.CheckResponse(&http.Response{
			Status:     "409 Conflict",
			StatusCode: http.StatusConflict,
			Header:     headers(contentType),
			Body:       io.NopCloser(body),
		}))
	}},
	{"gax-alone", func(contentType string, body *bytes.Reader) error {
		// The same without the reading of the answer: the error is there, its body is a string.
		text := make([]byte, body.Len())
		_, _ = body.Read(text)
		return fromError(&googleapi.Error{Code: http.StatusConflict, Header: headers(contentType), Body: string(text)})
	}},
	{"statusbridge", func(contentType string, body *bytes.Reader) error {
		return mapping.FromResponse(&http.Response{
			Status:     "409 Conflict",
			StatusCode: http.StatusConflict,
			Header:     headers(contentType),
			Body:       io.NopCloser(body),
		})
	}},
}

func fromError(err error) error {
	if parsed, ok := apierror.FromError(err); ok {
		return parsed
	}
	return err
}

func headers(contentType string) http.Header {
	return http.Header{"Content-Type": {contentType}, "Retry-After": {"2"}}
}

func BenchmarkFromResponse(b *testing.B) {
	for _, test := range bodies {
		for _, reader := range readers {
			b.Run(test.name+"/"+reader.name, func(b *testing.B) {
				b.ReportAllocs()
				body := bytes.NewReader([]byte(test.body))
				for b.Loop() {
					_, _ = body.Seek(0, io.SeekStart)
					if reader.read(test.contentType, body) == nil {
						b.Fatal("an error was read as a success")
					}
				}
			})
		}
	}
}

// BenchmarkFromResponseToStatus goes on to the status that leaves the handler.
func BenchmarkFromResponseToStatus(b *testing.B) {
	for _, reader := range readers {
		b.Run(reader.name, func(b *testing.B) {
			b.ReportAllocs()
			body := bytes.NewReader([]byte(bodies[0].body))
			for b.Loop() {
				_, _ = body.Seek(0, io.SeekStart)
				if status.Code(reader.read(bodies[0].contentType, body)) == codes.OK {
					b.Fatal("an error was read as a success")
				}
			}
		})
	}
}

// TestWhatIsCompared says what each of the two makes of the same bytes, so that the figures are read with it.
func TestWhatIsCompared(t *testing.T) {
	for _, test := range bodies {
		for _, reader := range readers {
			err := reader.read(test.contentType, bytes.NewReader([]byte(test.body)))
			if err == nil {
				t.Errorf("%s of %s: an error was read as a success", reader.name, test.name)
				continue
			}
			if got := status.Code(err); got != codes.Aborted {
				t.Errorf("%s of %s: %v, want Aborted", reader.name, test.name, got)
			}
			t.Logf("%s of %s: %v, %q", reader.name, test.name, status.Code(err), err)
		}
	}
}
