// Command gateway is a grpc-gateway process without this library.
package main

import "github.com/statusbridge/statusbridge/bench/startup/internal/firsterror"

func main() { firsterror.Gateway() }
