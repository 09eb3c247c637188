package languages

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/languages/answerv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// connect returns a connection to the server under test. The server of this package gets the observers.
func connect(t *testing.T, observers ...mapping.Observer) *grpc.ClientConn {
	t.Helper()
	plaintext := grpc.WithTransportCredentials(insecure.NewCredentials())
	conn, err := grpc.NewClient(serverAddress(t, observers...), plaintext)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// TestUnexpected reads an exception without a status as a gRPC caller, as the observer of a gateway, and as a REST
// client. Only REST clients never read its text.
func TestUnexpected(t *testing.T) {
	hides := os.Getenv("ANSWER_HIDES") != ""
	testUnexpected(t, connect(t), hides)
	if os.Getenv("ANSWER_SERVER") == "" {
		testUnexpected(t, connect(t, mapping.HideText), true)
	}
}

func testUnexpected(t *testing.T, conn *grpc.ClientConn, hidden bool) {
	const secret = "pq: no password for 10.0.0.3"
	client := answerv1.NewAnswerServiceClient(conn)
	var trailer metadata.MD
	_, err := client.Answer(t.Context(), &statusbridgev1.Error{Message: secret}, grpc.Trailer(&trailer))
	stream, openErr := client.Watch(t.Context(), &statusbridgev1.Error{Message: secret})
	if openErr != nil {
		t.Fatal(openErr)
	}
	_, streamErr := stream.Recv()
	for _, err := range []error{err, streamErr} {
		if code := status.Code(err); code != codes.Unknown {
			t.Errorf("got the code %v, want Unknown", code)
		}
		text := fmt.Sprint(err, status.Convert(err).Details(), trailer, stream.Trailer())
		if strings.Contains(text, "10.0.0.3") == hidden {
			t.Errorf("hidden: %v, and the caller reads %q", hidden, text)
		}
	}
	observed := make(chan error, 2)
	base := serveFrom(t, conn, gateway.WithObserver(func(_ context.Context, o gateway.Observation) {
		observed <- o.Err
	}))
	for _, method := range []string{"answer", "watch"} {
		code, header, body := post(t, base+"/v1/"+method, request{0, secret, ""})
		if code != 500 || strings.Contains(fmt.Sprint(header, body), "10.0.0.3") {
			t.Errorf("%s: a REST client reads %d %s", method, code, body)
		}
	}
	for range 2 {
		if text := fmt.Sprint(<-observed); strings.Contains(text, "10.0.0.3") == hidden {
			t.Errorf("hidden: %v, and the observer reads %q", hidden, text)
		}
	}
}

// TestDefaultClient makes 200 calls that fail with violations and a message of 10 KB. Clients with the default limits
// keep each code: a client of gRPC's C core drops trailers of more than 8 KiB at random.
func TestDefaultClient(t *testing.T) {
	const softLimit = 8 << 10
	client, long := answerv1.NewAnswerServiceClient(connect(t)), strings.Repeat("é", 5<<10)
	for range 200 {
		var trailer metadata.MD
		_, err := client.Answer(t.Context(), &statusbridgev1.Error{Code: 2, Message: long}, grpc.Trailer(&trailer))
		if status.Code(err) != codes.InvalidArgument {
			t.Fatalf("got %v", err)
		}
		if size := trailerSize(status.Convert(err), trailer); size > softLimit {
			t.Fatalf("%d bytes of trailers", size)
		}
	}
}

// trailerSize is the size of the trailers of a call (RFC 9113 section 6.5.2).
func trailerSize(st *status.Status, trailer metadata.MD) int {
	size := 2*32 + len("grpc-status") + 2 + len("grpc-message") + len(url.PathEscape(st.Message()))
	for key, values := range trailer {
		for _, value := range values {
			length := len(value)
			if strings.HasSuffix(key, "-bin") {
				length = base64.RawStdEncoding.EncodedLen(length)
			}
			size += 32 + len(key) + length
		}
	}
	return size
}
