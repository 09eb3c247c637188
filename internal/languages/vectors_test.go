package languages

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/grpc/codes"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/contract"
	"github.com/statusbridge/statusbridge/mapping"
)

// The suites of all languages read the vectors. The tests of package mapping compare the Go side with the documented
// statuses.

type grpcCodeVector struct {
	HTTPStatus int `json:"httpStatus"`
	GRPCCode   int `json:"grpcCode"`
}

type httpStatusVector struct {
	GRPCCode   int64 `json:"grpcCode"`
	HTTPStatus int   `json:"httpStatus"`
}

// errorVector is an error and its gRPC status. Detail is null if the status table alone says everything.
type errorVector struct {
	HTTPStatus  int           `json:"httpStatus"`
	Message     text          `json:"message"`
	Details     text          `json:"details"`
	GRPCCode    int           `json:"grpcCode"`
	GRPCMessage text          `json:"grpcMessage"`
	Detail      *detailVector `json:"detail"`
}

type detailVector struct {
	Code    int  `json:"code"`
	Message text `json:"message"`
	Details text `json:"details"`
}

// text is a string of the vectors. A long one is written as {"repeat":"x","times":3000,"end":"…"}.
type text string

func (t text) MarshalJSON() ([]byte, error) {
	if len(t) < 100 {
		return json.Marshal(string(t))
	}
	_, size := utf8.DecodeRuneInString(string(t))
	end := ""
	if strings.HasSuffix(string(t), "…") {
		end = "…"
	}
	letter, times := string(t[:size]), (len(t)-len(end))/size
	if strings.Repeat(letter, times)+end != string(t) {
		return json.Marshal(string(t))
	}
	return json.Marshal(struct {
		Repeat string `json:"repeat"`
		Times  int    `json:"times"`
		End    string `json:"end"`
	}{letter, times, end})
}

// TestVectors fails if gen/vectors.json differs from what the Go packages return. UPDATE_GOLDEN=1 renews it.
func TestVectors(t *testing.T) {
	var b strings.Builder
	b.WriteString("{\n")
	section(&b, "grpcCode", grpcCodeVectors(), ",")
	section(&b, "httpStatus", httpStatusVectors(), ",")
	section(&b, "meaning", meaningVectors(), ",")
	section(&b, "error", errorVectors(t), ",")
	section(&b, "withDetails", detailsVectors(t), ",")
	section(&b, "response", responseVectors(), "")
	b.WriteString("}\n")
	path := filepath.Join("..", "..", "gen", "vectors.json")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(written) != b.String() {
		t.Error("gen/vectors.json is not what the packages return; run UPDATE_GOLDEN=1 go test ./internal/languages")
	}
}

// section writes one list, with one vector in a line.
func section[V any](b *strings.Builder, name string, vectors []V, end string) {
	lines := make([]string, len(vectors))
	for i, vector := range vectors {
		line, err := json.Marshal(vector)
		if err != nil {
			panic(err)
		}
		lines[i] = "    " + string(line)
	}
	fmt.Fprintf(b, "  %q: [\n%s\n  ]%s\n", name, strings.Join(lines, ",\n"), end)
}

func grpcCodeVectors() []grpcCodeVector {
	statuses := []int{math.MinInt32, -404, -1, 600, 999, 70000, math.MaxInt32}
	for status := range 600 {
		statuses = append(statuses, status)
	}
	vectors := make([]grpcCodeVector, len(statuses))
	for i, status := range statuses {
		vectors[i] = grpcCodeVector{status, int(mapping.GRPCCode(status))}
	}
	return vectors
}

// httpStatusVectors also returns negative codes. A gRPC code is a uint32 in Go and an int32 in google.rpc.Status, so a
// large code of Go is negative in the other languages.
func httpStatusVectors() []httpStatusVector {
	codesToAsk := []int64{math.MinInt32, -1, 99, 404, 70000, math.MaxInt32}
	for code := range int64(21) {
		codesToAsk = append(codesToAsk, code)
	}
	vectors := make([]httpStatusVector, len(codesToAsk))
	for i, code := range codesToAsk {
		vectors[i] = httpStatusVector{code, mapping.HTTPStatus(codes.Code(uint32(code)))}
	}
	return vectors
}

type meaningVector struct {
	HTTPStatus int    `json:"httpStatus"`
	Meaning    string `json:"meaning"`
}

func meaningVectors() []meaningVector {
	var vectors []meaningVector
	for status := 400; status <= 599; status++ {
		vectors = append(vectors, meaningVector{status, contract.Meaning(status)})
	}
	return vectors
}

func errorVectors(t *testing.T) []errorVector {
	var asked []mapping.Error
	for _, row := range mapping.Rows() {
		for _, message := range []string{"", "it is gone", row.Meaning} {
			for _, details := range []string{"", "name: taken"} {
				asked = append(asked, mapping.Error{HTTPStatus: row.HTTPStatus, Message: message, Details: details})
			}
		}
	}
	odd := []int{math.MinInt32, -1, 0, 1, 100, 201, 302, 410, 418, 422, 429, 499, 505, 599, 600, 70000, math.MaxInt32}
	for _, status := range odd {
		asked = append(asked,
			mapping.Error{HTTPStatus: status},
			mapping.Error{HTTPStatus: status, Message: "odd"},
			mapping.Error{HTTPStatus: status, Message: "odd", Details: "and long"})
	}
	for _, letter := range []string{"x", "%", "é", "€", "🐢", "\x00"} {
		for _, length := range []int{1_000, 1_350, 3_000, 4_096, 4_097, 30_000} {
			long := strings.Repeat(letter, length/len(letter))
			asked = append(asked,
				mapping.Error{HTTPStatus: 404, Message: long},
				mapping.Error{HTTPStatus: 404, Message: "it is gone", Details: long},
				mapping.Error{HTTPStatus: 502, Message: long},
				mapping.Error{HTTPStatus: 502, Message: long, Details: "name: taken"},
				mapping.Error{HTTPStatus: 502, Message: long, Details: long})
		}
	}
	vectors := make([]errorVector, len(asked))
	for i := range asked {
		vectors[i] = errorVectorOf(t, &asked[i])
	}
	return vectors
}

func errorVectorOf(t *testing.T, e *mapping.Error) errorVector {
	st := e.GRPCStatus()
	vector := errorVector{
		HTTPStatus:  e.HTTPStatus,
		Message:     text(e.Message),
		Details:     text(e.Details),
		GRPCCode:    int(st.Code()),
		GRPCMessage: text(st.Message()),
	}
	for _, detail := range st.Details() {
		own, ok := detail.(*statusbridgev1.Error)
		if !ok {
			t.Fatalf("%v has a detail of another type: %v", e, detail)
		}
		vector.Detail = &detailVector{int(own.GetCode()), text(own.GetMessage()), text(own.GetDetails())}
	}
	return vector
}
