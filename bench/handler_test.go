package bench_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
)

// BenchmarkHandler measures a handler that writes a success, without Handler around it and with it.
func BenchmarkHandler(b *testing.B) {
	success := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "some text") })
	outermost := gateway.New().Handler(success)
	request := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	compare(b, []contender{
		{floor, http.StatusOK, func(w http.ResponseWriter) { success.ServeHTTP(w, request) }},
		{statusbridge, http.StatusOK, func(w http.ResponseWriter) { outermost.ServeHTTP(w, request) }},
	})
}

// BenchmarkDeadline measures a call in process with a deadline: grpc-gateway's default timeout, and
// gateway.WithDeadline.
func BenchmarkDeadline(b *testing.B) {
	before := runtime.DefaultContextTimeout
	defer func() { runtime.DefaultContextTimeout = before }()
	service := &testkit.Service{}
	bridge := gateway.New(gateway.WithDeadline(time.Hour))
	without := testkit.Register(b, testkit.InProcess, service, runtime.NewServeMux())
	bridged := testkit.Register(b, testkit.InProcess, service, bridge.NewServeMux())
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, getPath, http.NoBody)
	compareInTurns(b, []contender{
		{grpcGateway, http.StatusOK, func(w http.ResponseWriter) {
			runtime.DefaultContextTimeout = time.Hour
			without.ServeHTTP(w, request)
		}},
		{statusbridge, http.StatusOK, func(w http.ResponseWriter) {
			runtime.DefaultContextTimeout = 0
			bridged.ServeHTTP(w, request)
		}},
	})
}
