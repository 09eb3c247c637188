package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// written are the bodies that a handler may write under any status, with their media types.
var written = []struct {
	name, contentType string
	body              func(httpStatus int) string
	message           string // what the client reads under a 4xx
	documented        bool   // it is the documented body, whose message the client reads under any status
}{
	{"nothing", "", func(int) string { return "" }, "", false},
	{"text", "text/plain; charset=utf-8", func(int) string { return "the name is taken\n" }, "the name is taken",
		false},
	{"HTML", "text/html", func(int) string { return "<html><h1>nginx</h1></html>" }, "", false},
	{"JSON of another shape", "application/json", func(int) string { return `{"error":"the name is taken"}` },
		"the name is taken", false},
	{"the documented JSON", "application/json", documentedJSON, "the name is taken", true},
	{"another code", "application/json", func(int) string { return `{"code":5,"message":"the name is taken"}` },
		"the name is taken", false},
}

func documentedJSON(httpStatus int) string {
	return fmt.Sprintf(`{"code":%d,"message":"the name is taken"}`, httpStatus)
}

// mappedCodes is the documented status for one that a handler wrote: the task's words, not the code's table.
func mappedCodes(httpStatus int) int {
	special := map[int]int{205: 204, 410: 404, 412: 409, 429: 503}
	switch {
	case testkit.Documented(httpStatus), httpStatus/100 == 3:
		return httpStatus
	case special[httpStatus] != 0:
		return special[httpStatus]
	default:
		return httpStatus / 100 * 100
	}
}

// TestHandlerTranslatesEachStatus writes each status with each body inside Handler. Only documented statuses and
// redirects are sent, and HEAD has the headers of GET.
func TestHandlerTranslatesEachStatus(t *testing.T) {
	t.Parallel()
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		httpStatus, _ := strconv.Atoi(r.URL.Query().Get("status"))
		form, _ := strconv.Atoi(r.URL.Query().Get("form"))
		if contentType := written[form].contentType; contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		w.WriteHeader(httpStatus)
		_, _ = io.WriteString(w, written[form].body(httpStatus))
	})
	for _, protocol := range testkit.Protocols {
		t.Run(protocol, func(t *testing.T) {
			s := testkit.ServeOver(t, protocol, standard.Handler(inner))
			s.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			for httpStatus := 200; httpStatus < 600; httpStatus++ {
				for form, body := range written {
					path := fmt.Sprintf("/?status=%d&form=%d", httpStatus, form)
					get := call{Path: path}.At(t, s)
					head := call{Method: http.MethodHead, Path: path}.At(t, s)
					wantTranslated(t, httpStatus, form, get)
					delete(get.Header, "Date")
					delete(head.Header, "Date")
					if httpStatus < 400 {
						continue // what net/http makes of a HEAD is its own
					}
					if head.Body != "" || head.Status != get.Status || cmp.Diff(get.Header, head.Header) != "" {
						t.Errorf("%d with %s: HEAD gives %d %v %q, GET %d %v", httpStatus, body.name, head.Status,
							head.Header, head.Body, get.Status, get.Header)
					}
				}
			}
		})
	}
}

func wantTranslated(t *testing.T, httpStatus, form int, r testkit.Response) {
	t.Helper()
	body, want := written[form], mappedCodes(httpStatus)
	t.Run(fmt.Sprint(httpStatus, " with ", body.name), func(t *testing.T) {
		switch {
		case r.Status != want:
			t.Errorf("sent as %d, want %d", r.Status, want)
		case want == 204 || want == 304:
			if r.Body != "" || len(r.Header["Content-Length"]) > 0 || want == 204 && len(r.Header["Content-Type"]) > 0 {
				t.Errorf("a %d has %q and %v", want, r.Body, r.Header)
			}
		case want < 400:
			if r.Body != body.body(httpStatus) {
				t.Errorf("the body of a %d is %q", httpStatus, r.Body)
			}
		default:
			message := ""
			if want < 500 || body.documented && want == httpStatus {
				message = body.message
			}
			r.WantError(t, want, message, "")
		}
	})
}

// TestHandlerTranslatesOddStatuses writes statuses outside 200..599. net/http panics for some of them and sends
// others.
func TestHandlerTranslatesOddStatuses(t *testing.T) {
	t.Parallel()
	for _, httpStatus := range []int{-1, 0, 99, 600, 799, 999, 1000} {
		var n notebook
		inner := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(httpStatus) })
		for _, protocol := range testkit.Protocols {
			s := testkit.ServeOver(t, protocol, gateway.New(gateway.WithObserver(n.observe)).Handler(inner))
			call{}.At(t, s).WantError(t, 500, "", "")
		}
		for _, o := range n.seen {
			if o.HTTPStatus != 500 || !strings.Contains(o.Err.Error(), strconv.Itoa(httpStatus)) {
				t.Errorf("%d: observed %+v", httpStatus, o)
			}
		}
	}
}

// TestHandlerTranslatesMessages says which words of a handler the client reads, and which only the observer gets.
func TestHandlerTranslatesMessages(t *testing.T) {
	t.Parallel()
	const html = "<html>the name is taken</html>"
	for _, c := range []struct {
		name, contentType, body string
		status, want            int
		message, passed         string // passed: with WithServerMessages; both "" for the documented sentence
	}{
		{"text", "text/plain", " the name is taken \n", 400, 400, "the name is taken", "the name is taken"},
		{"no type", "", "the name is taken", 400, 400, "the name is taken", "the name is taken"},
		{"HTML without a type", "", html, 400, 400, "", ""},
		{"JSON without a type", "", `{"error":"the name is taken"}`, 400, 400, "", ""},
		{"JSON as text", "text/plain", `{"error":"the name is taken"}`, 400, 400, "", ""},
		{"JSON that a person may write", "text/plain", "42", 400, 400, "42", "42"},
		{"a brace", "text/plain", "{name} is missing", 400, 400, "{name} is missing", "{name} is missing"},
		{"HTML", "text/html; charset=utf-8", html, 400, 400, "", ""},
		{"another type", "application/problem+json", `{"title":"x"}`, 422, 400, "x", "x"},
		{"no type that parses", "text/plain/x", "x", 400, 400, "", ""},
		{"net/http's 404", "text/plain; charset=utf-8", "404 page not found\n", 404, 404, "", ""},
		{"net/http's 405", "text/plain; charset=utf-8", "Method Not Allowed\n", 405, 405, "", ""},
		{"a phrase", "text/plain", "Forbidden", 403, 403, "", ""},
		{"a phrase with its number", "text/plain", "403 forbidden", 403, 403, "", ""},
		{"the phrase of another", "text/plain", "Forbidden", 400, 400, "Forbidden", "Forbidden"},
		{"5xx", "text/plain", testkit.Secret, 503, 503, "", testkit.Secret},
		{"5xx HTML", "text/html", html, 502, 502, "", ""},
		{"too many", "text/plain", "ten a second", 429, 503, "", "ten a second"},
		{"invalid UTF-8", "text/plain", "caf\xe9", 400, 400, "caf\ufffd", "caf\ufffd"},
		{"long", "text/plain", strings.Repeat("a", 1025), 400, 400, strings.Repeat("a", 1021) + "…",
			strings.Repeat("a", 1021) + "…"},
		{"longer than is held", "text/plain", strings.Repeat("a", 1<<20), 400, 400, strings.Repeat("a", 1021) + "…",
			strings.Repeat("a", 1021) + "…"},
		{"documented, in another order", "application/json; charset=utf-8", "{\"message\": \"x\",\n\"code\": 404}\n",
			404, 404, "x", "x"},
		{"documented under 5xx", "application/json", `{"code":502,"message":"the store is away"}`, 502, 502,
			"the store is away", "the store is away"},
		{"documented but for its status", "application/json", `{"code":422,"message":"the name is empty"}`, 422, 400,
			"the name is empty", "the name is empty"},
		{"documented but for its status, 5xx", "application/json", `{"code":507,"message":"the disk is full"}`, 507,
			500, "", "the disk is full"},
		{"no message", "application/json", `{"code":404}`, 404, 404, "", ""},
		{"null", "application/json", `{"code":404,"message":null}`, 404, 404, "", ""},
		{"null alone", "application/json", `null`, 404, 404, "", ""},
		{"one member more", "application/json", `{"code":404,"message":"x","trace":"y"}`, 404, 404, "x", "x"},
		{"grpc-gateway's", "application/json", `{"code":5,"message":"x","details":[]}`, 404, 404, "x", "x"},
		{"the code of another type", "application/json", `{"code":"404","message":"x"}`, 404, 404, "x", "x"},
		{"members in capitals", "application/json", `{"Code":404,"Message":"x"}`, 404, 404, "x", "x"},
		{"two values", "application/json", `{"code":404,"message":"x"}{}`, 404, 404, "x", "x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inner := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if c.contentType != "" {
					w.Header().Set("Content-Type", c.contentType)
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			for _, pass := range []bool{false, true} {
				options, want := []gateway.Option(nil), c.message
				if pass {
					options, want = []gateway.Option{gateway.WithServerMessages()}, c.passed
				}
				call{}.To(t, testkit.Serve(t, gateway.New(options...).Handler(inner))).WantError(t, c.want, want, "")
			}
		})
	}
}

// TestHandlerKeepsDetails keeps the third member of a documented body.
func TestHandlerKeepsDetails(t *testing.T) {
	t.Parallel()
	inner := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(w, `{"code":409,"message":"changed","details":"version: 7"}`)
	})
	call{}.To(t, testkit.Serve(t, standard.Handler(inner))).WantError(t, 409, "changed", "version: 7")
}

// TestHandlerSendsExtraStatuses sends the statuses of WithExtraStatuses in the documented form.
func TestHandlerSendsExtraStatuses(t *testing.T) {
	t.Parallel()
	options := gateway.WithExtraStatuses(201, 205, 206, 429, 451)
	for written, want := range map[int]int{200: 200, 201: 201, 203: 200, 205: 205, 206: 206, 429: 429, 451: 451,
		418: 400} {
		inner := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(written)
			_, _ = io.WriteString(w, "why")
		})
		for _, protocol := range testkit.Protocols {
			s := testkit.ServeOver(t, protocol, gateway.New(options).Handler(inner))
			r := call{}.At(t, s)
			if want >= 400 {
				if r.Status == 429 || r.Status == 451 {
					if err := r.ErrorDefect(); err != nil {
						t.Error(err)
					}
				}
				if got, _ := testkit.ParseErrorBody(r.Body); r.Status != want || got.Code != want ||
					got.Message != "why" {
					t.Errorf("%d sent as %d %q", written, r.Status, r.Body)
				}
				continue
			}
			if r.Status != want || (r.Body == "") != (want == 205) {
				t.Errorf("%s: %d sent as %d %q", protocol, written, r.Status, r.Body)
			}
		}
	}
}

// TestHandlerOfNil panics for values that it cannot serve.
func TestHandlerOfNil(t *testing.T) {
	t.Parallel()
	for want, build := range map[string]func(){
		"gateway: Handler was given a nil http.Handler": func() { standard.Handler(nil) },
		"gateway: New was given a nil Option":           func() { gateway.New(nil).Handler(http.NotFoundHandler()) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != want {
					t.Errorf("panicked with %q, want %q", got, want)
				}
			}()
			build()
		}()
	}
}

// TestHandlerStatusRange accepts the statuses that net/http accepts, 100..999, and panics as it does for the next
// ones.
func TestHandlerStatusRange(t *testing.T) {
	t.Parallel()
	for httpStatus, observed := range map[int]string{
		99: "invalid WriteHeader code 99", 100: "", 999: "999", 1000: "invalid WriteHeader code 1000",
	} {
		var n notebook
		writes := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(httpStatus) }
		handler := gateway.New(gateway.WithObserver(n.observe)).Handler(http.HandlerFunc(writes))
		for name, h := range map[string]http.Handler{"Handler": handler,
			"Bridge": ownRoute(t, http.MethodGet, writes)} {
			s := testkit.ServeOver(t, "HTTP/1.1", h)
			r := call{Path: "/own"}.At(t, s)
			if httpStatus == 100 {
				if r.Status != http.StatusOK {
					t.Errorf("%s sends %d after a 100", name, r.Status)
				}
				continue
			}
			if name == "Handler" {
				r.WantError(t, 500, "", "")
			}
		}
		if observed == "" {
			if len(n.seen) > 0 {
				t.Errorf("%d: observed %v", httpStatus, n.seen)
			}
			continue
		}
		if o := n.one(t); o.HTTPStatus != 500 || !strings.Contains(o.Err.Error(), observed) {
			t.Errorf("%d: observed %+v", httpStatus, o)
		}
	}
}

// TestHandlerSendsStatusesOfMux puts Handler around muxes with further statuses: of the same bridge and of another one.
// The statuses that a mux sends pass.
func TestHandlerSendsStatusesOfMux(t *testing.T) {
	t.Parallel()
	extra := gateway.New(gateway.WithExtraStatuses(201, 422), gateway.WithMapping(codes.ResourceExhausted, 429))
	for name, outer := range map[string]*gateway.Bridge{"one bridge": extra, "two bridges": standard} {
		for want, behave := range map[int]testkit.Behaviour{
			201: testkit.Claim(201), 422: testkit.Fails(mapping.Errorf(422, "the name is empty")),
			429: testkit.Fails(status.Error(codes.ResourceExhausted, "ten a second")),
		} {
			for _, transport := range testkit.Transports {
				service := &testkit.Service{}
				service.Behave(behave)
				mux := testkit.Register(t, transport, service, extra.NewServeMux())
				inside, alone := call{}.To(t, testkit.Serve(t, outer.Handler(mux))), call{}.To(t, testkit.Serve(t, mux))
				if inside.Status != want || alone.Status != want || want >= 400 && inside.Body != alone.Body {
					t.Errorf("%s %s: responded with %d %q, without Handler with %d %q, want %d", name, transport,
						inside.Status, inside.Body, alone.Status, alone.Body, want)
				}
			}
		}
	}
}
