package upstream_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

const tooLarge = "400 request: the request is too large"

// sized returns the body of a request whose message has a size in bytes.
func sized(t *testing.T, size int) string {
	t.Helper()
	name := strings.Repeat("x", size-4)
	if got := proto.Size(&testkitv1.CreateRequest{Thing: &testkitv1.Thing{Name: name}}); got != size {
		t.Fatalf("the size is %d, want %d", got, size)
	}
	return `{"thing":{"name":"` + name + `"}}`
}

func compressing(func()) []grpc.DialOption {
	return []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.UseCompressor(gzip.Name))}
}

// TestIncidentsOfSizes has a backend refuse a request for its size, or return the same text for another reason: its own
// client received a message that is too large. The evidence is the number in the text.
func TestIncidentsOfSizes(t *testing.T) {
	relayed := func(text string, arguments ...any) func(*testing.T, func()) string {
		return returns(status.Errorf(codes.ResourceExhausted, text, arguments...))
	}
	const received, decompressed = "grpc: received message larger than max (%d vs. %d)",
		"grpc: received message after decompression larger than max %d"
	incidents := []incident{
		{
			name: "another size", server: relayed(received, 5000000, 4194304), post: sized(t, 90),
			want: evident("503 backend", tooLarge),
		},
		{
			name: "an empty request", server: relayed(received, 5, 0), post: "{}",
			want: evident("503 backend", tooLarge),
		},
		{
			name: "another size after header metadata", post: sized(t, 90),
			server: service(after(status.Errorf(codes.ResourceExhausted, received, 5000000, 4194304))),
			want:   always("502 upstream"),
		},
		{
			name: "a compressed message, over the limit", server: service(nil, grpc.MaxRecvMsgSize(10)),
			dial: compressing, post: sized(t, 90), want: always(tooLarge),
		},
		{
			name: "a decompressed message, over the limit", server: service(nil, grpc.MaxRecvMsgSize(80)),
			dial: compressing, post: sized(t, 90), want: always(tooLarge),
		},
		{
			name: "a decompressed message, just over the limit", server: relayed(decompressed, 89),
			dial: compressing, post: sized(t, 90), want: always(tooLarge),
		},
		{
			name: "a decompressed message of the limit", server: relayed(decompressed, 90),
			dial: compressing, post: sized(t, 90), want: evident("503 backend", tooLarge),
		},
	}
	for _, size := range []int{90, 101, 109} {
		incidents = append(incidents, incident{
			name: fmt.Sprint(size, " bytes, over the limit"), server: service(nil, grpc.MaxRecvMsgSize(size-1)),
			post: sized(t, size), want: always(tooLarge),
		})
	}
	play(t, incidents)
}
