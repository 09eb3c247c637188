package languages

import (
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/mapping"
)

// responseVector is a REST response, and the error as which it is read.
type responseVector struct {
	Name       string            `json:"name"`
	Status     int               `json:"status"` // 0 for the last message of a stream
	Headers    map[string]string `json:"headers"`
	Body       text              `json:"body"`
	Spaces     int               `json:"spaces"`     // the number of spaces that follow the body
	HTTPStatus int               `json:"httpStatus"` // Status, if it is left out below
	GRPCCode   int               `json:"grpcCode"`
	Message    string            `json:"message"`
	Details    string            `json:"details"`
	RetryAfter float64           `json:"retryAfter"` // in seconds, or -1
	Logged     string            `json:"logged"`     // text of the body that only logs get
}

const jsonType = "application/json"

func typed(contentType string) map[string]string {
	return map[string]string{"Content-Type": contentType}
}

// responseVectors returns all vectors. Their expectations are written by hand from RFC 9110, RFC 9457,
// google/rpc/code.proto and the documentation of the programs that send such bodies.
func responseVectors() []responseVector {
	var vectors []responseVector
	for _, list := range [][]responseVector{
		documentedResponses(), rpcResponses(), detailResponses(), wireResponses(), otherResponses(), headerResponses(),
		streamMessages(),
	} {
		vectors = append(vectors, list...)
	}
	for i := range vectors {
		v := &vectors[i]
		if v.HTTPStatus == 0 {
			v.HTTPStatus = v.Status
		}
		switch v.RetryAfter {
		case 0:
			v.RetryAfter = -1
		case atOnce:
			v.RetryAfter = 0
		}
		if v.Headers == nil {
			v.Headers = typed(jsonType)
		}
	}
	return vectors
}

// atOnce stands for a delay of 0 seconds in the lists.
const atOnce = -2

// TestResponses reads the responses in Go.
func TestResponses(t *testing.T) {
	for _, v := range responseVectors() {
		t.Run(v.Name, func(t *testing.T) {
			header := http.Header{}
			for name, value := range v.Headers {
				header.Set(name, value)
			}
			err := mapping.FromHTTP(v.Status, header, []byte(string(v.Body)+strings.Repeat(" ", v.Spaces)))
			e := mapping.FromError(err)
			got := v
			got.HTTPStatus, got.GRPCCode = e.HTTPStatus, int(status.Code(err))
			got.Message, got.Details = e.Message, e.Details
			got.RetryAfter = float64(contract.Read(err).RetryAfter)
			if got.RetryAfter > v.RetryAfter && got.RetryAfter < v.RetryAfter+1 {
				got.RetryAfter = v.RetryAfter // Go rounds up
			}
			if got.HTTPStatus != v.HTTPStatus || got.GRPCCode != v.GRPCCode || got.RetryAfter != v.RetryAfter {
				t.Errorf("read %d, gRPC code %d, %v seconds", got.HTTPStatus, got.GRPCCode, got.RetryAfter)
			}
			if got.Message != v.Message || got.Details != v.Details {
				t.Errorf("read %q %q", got.Message, got.Details)
			}
			cause := e.Unwrap()
			if len(v.Body) > 0 && (cause != nil) != (v.Logged != "") {
				t.Errorf("the cause is %v", cause)
			}
			if cause != nil && !strings.Contains(cause.Error(), v.Logged) {
				t.Errorf("the cause %v has no %q", cause, v.Logged)
			}
		})
	}
}
