package exchange_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/statusbridge/statusbridge/internal/exchange"
)

// passing is the policy of a mux without a Handler: each response passes unbuffered.
type passing struct{ exchange.Policy }

func (passing) Success(status, _ int, _ http.Header) int { return status }

// modelUnbuffered returns what a client must see: the status and the body, or that the response breaks off. A HEAD is a
// GET without a body.
func modelUnbuffered(program string) string {
	begun, status, body, noted := false, 200, "", false
	for _, step := range program {
		if _, sets := map[rune]bool{'2': true, '0': true, '1': true, 'p': true, '4': true}[step]; sets && !begun {
			status = map[rune]int{'2': 202, '0': 204, '1': 201, 'p': 206, '4': 404}[step]
		}
		switch step {
		case 'w', 'r', 'e', 'f':
			begun = true
			if (step == 'w' || step == 'r') && !noted { // an error has a Content-Length
				body += "a"
			}
		case 'F':
			switch {
			case begun && status < 400:
				return "broken"
			case !begun:
				begun, status, body, noted = true, 409, "failed", true
			}
		case '!':
			switch {
			case !begun:
				return "500 panic"
			case !noted:
				return "broken"
			}
		case 'a':
			return "broken"
		}
	}
	if status == 204 {
		body = ""
	}
	return fmt.Sprint(status, " ", body)
}

// TestEveryUnbufferedProgram runs every sequence of up to three calls inside the exchange of a mux, for GET and HEAD.
func TestEveryUnbufferedProgram(t *testing.T) {
	t.Parallel()
	programs := []string{""}
	for begin, length := 0, 0; length < 3; length++ {
		end := len(programs)
		for _, program := range programs[begin:end] {
			for step := range steps {
				if !strings.ContainsAny(program, "!a") {
					programs = append(programs, program+string(step))
				}
			}
		}
		begin = end
	}
	s := serveOver(t, http11, inMux(runProgram))
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		for _, program := range programs {
			want := modelUnbuffered(program)
			if want != "broken" && method == http.MethodHead {
				want = want[:4]
			}
			got := s.run(method, program)
			// A response that was flushed is complete if no body follows, and if its body has the announced length.
			flushed := want == "broken" && strings.Contains(program, "f") && (len(got) == 4 || got == "409 failed")
			if got != want && !flushed {
				t.Errorf("%s %q: got %q, want %q", method, program, got, want)
			}
		}
	}
}
