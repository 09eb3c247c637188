// Package firsterror has the code that the two gateway programs share. It links what a gateway links anyway, and does
// not import this library.
package firsterror

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// Gateway makes a gateway with the given options and prints how many nanoseconds its first error response takes. This
// includes lazy initialisation.
func Gateway(options ...runtime.ServeMuxOption) {
	conn, err := grpc.NewClient("passthrough:///127.0.0.1:1", grpc.WithTransportCredentials(insecure.NewCredentials()))
	exit(err)
	mux := runtime.NewServeMux(append(options, runtime.WithHealthzEndpoint(healthpb.NewHealthClient(conn)))...)
	exit(mux.HandlePath(http.MethodGet, "/error", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		_, marshaler := runtime.MarshalerForRequest(mux, r)
		runtime.HTTPError(r.Context(), mux, marshaler, w, r, status.Error(codes.NotFound, "no such project"))
	}))
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "/error", http.NoBody)
	exit(err)
	w := discard{}
	start := time.Now()
	mux.ServeHTTP(w, request)
	fmt.Println(time.Since(start).Nanoseconds())
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type discard http.Header

func (d discard) Header() http.Header         { return http.Header(d) }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}
