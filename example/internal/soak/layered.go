package soak

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing/fstest"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
)

// layered is a gateway with an observer. Its Handler contains middleware, other protocols and a mux.
type layered struct {
	url     string
	allowed []int // the statuses that its options allow

	tally              *tally
	observed, answered [1000]atomic.Int64 // the errors by status
}

// extensions returns the options of a gateway whose contract has more statuses.
func extensions() []gateway.Option {
	return []gateway.Option{
		gateway.WithExtraStatuses(201, 422),
		gateway.WithMapping(codes.ResourceExhausted, 429),
		gateway.WithDetailsText(reasonOf),
		gateway.WithErrorTrailers(markTrailer),
		gateway.WithPassthrough("GET /healthz/", "/oauth/", "/files/"),
	}
}

// extensionStatuses contains the statuses that extensions allow.
var extensionStatuses = []int{201, 422, 429}

func reasonOf(st *status.Status) string {
	for _, detail := range st.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return reasonText(info.GetReason())
		}
	}
	return ""
}

func reasonText(reason string) string {
	if reason == "" {
		return ""
	}
	return "reason: " + reason
}

// layer starts a gateway. register adds the service to its mux.
func (s *site) layer(
	register func(*runtime.ServeMux) error, allowed []int, options ...gateway.Option,
) (*layered, error) {
	l := &layered{allowed: allowed, tally: s.tally}
	bridge := gateway.New(append(options, gateway.WithObserver(l.observe))...)
	mux := bridge.NewServeMux()
	if err := register(mux); err != nil {
		return nil, err
	}
	var err error
	l.url, err = s.serve(bridge.Handler(refusing(others(mux))))
	return l, err
}

// others serves other protocols, and next.
func others(next http.Handler) http.Handler {
	router := http.NewServeMux()
	router.Handle("/", next)
	router.HandleFunc("GET /healthz/{mark}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, healthBody(r.PathValue("mark")))
	})
	router.HandleFunc("POST /oauth/{mark}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, oauthBody(r.PathValue("mark")))
	})
	router.HandleFunc("GET /files/{mark}", func(w http.ResponseWriter, r *http.Request) {
		mark := r.PathValue("mark")
		http.ServeFileFS(w, r, fstest.MapFS{mark: {Data: []byte(fileBody(mark))}}, mark)
	})
	return router
}

func healthBody(mark string) string { return fmt.Sprintf(`{"database":"down","for":%q}`, mark) }
func oauthBody(mark string) string  { return fmt.Sprintf(`{"error":"invalid_grant","for":%q}`, mark) }
func fileBody(mark string) string   { return "head " + mark + " tail" }

// refusing is middleware that refuses requests with the status and the mark of their headers.
func refusing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		httpStatus, err := strconv.Atoi(r.Header.Get("X-Refuse"))
		if err != nil {
			next.ServeHTTP(w, r)
			return
		}
		if httpStatus == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "7")
		}
		if r.Header.Get("X-Html") != "" {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(httpStatus)
			_, _ = io.WriteString(w, "<html>"+inner+"</html>")
			return
		}
		http.Error(w, refusedText(r.Header.Get("X-Mark")), httpStatus)
	})
}

func refusedText(mark string) string { return "refused for " + mark }

func (l *layered) observe(_ context.Context, o gateway.Observation) {
	l.observed[o.HTTPStatus].Add(1)
	l.tally.count(errorObserved)
	if o.Err == nil || o.HTTPMethod == "" || !strings.HasPrefix(o.Path, "/") {
		l.tally.fail("an observation is incomplete: %+v", o)
	}
}

// compare returns an error if the observer got other errors than the clients. The observer of the last response may
// still run.
func (l *layered) compare() error {
	return retry(func() error {
		for httpStatus := range l.observed {
			observed, answered := l.observed[httpStatus].Load(), l.answered[httpStatus].Load()
			if observed != answered {
				return fmt.Errorf("soak: %d errors %d, and %d were observed", answered, httpStatus, observed)
			}
		}
		return nil
	})
}
