// Command bridge is the same grpc-gateway process with this library.
package main

import (
	"github.com/statusbridge/statusbridge/bench/startup/internal/firsterror"
	"github.com/statusbridge/statusbridge/gateway"
)

func main() { firsterror.Gateway(gateway.New().ServeMuxOptions()...) }
