package bench_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/statusbridge/statusbridge/gateway"
)

// BenchmarkServices shows how the time grows with the services that are linked into the process. The mux has 400
// routes.
//
// Linked services cannot be removed and slow down the garbage collector. Benchmarks run in the order of their files, so
// only benchmarks of other processes may follow this one.
func BenchmarkServices(b *testing.B) {
	skipHuge(b)
	muxes := []namedHandler{
		{grpcGateway, routes(b, 100, runtime.NewServeMux())},
		{statusbridge, routes(b, 100, gateway.New().NewServeMux())},
	}
	for _, count := range sizes {
		link(b, count)
		b.Run(fmt.Sprintf("services=%d/case=200", count), func(b *testing.B) {
			compare(b, serving(muxes, http.MethodGet, kindPath, 200, 200))
		})
		b.Run(fmt.Sprintf("services=%d/case=error", count), func(b *testing.B) {
			compare(b, failures["plain"].contenders(b)[:2])
		})
		b.Run(fmt.Sprintf("services=%d/case=405", count), func(b *testing.B) {
			compare(b, serving(muxes, http.MethodPatch, kindPath, 501, 405))
		})
	}
}

// link registers the services of kinds as if they were linked into the process.
func link(tb testing.TB, kinds int) {
	for kind := range kinds {
		file := kindFile(kind)
		if _, err := protoregistry.GlobalFiles.FindFileByPath(file.GetName()); err == nil {
			continue
		}
		descriptor, err := protodesc.NewFile(file, protoregistry.GlobalFiles)
		if err == nil {
			err = protoregistry.GlobalFiles.RegisterFile(descriptor)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
}
