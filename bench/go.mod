module github.com/statusbridge/statusbridge/bench

go 1.26.0

replace github.com/statusbridge/statusbridge => ../

require (
	github.com/googleapis/gax-go/v2 v2.27.0
	github.com/statusbridge/statusbridge v0.0.0
	google.golang.org/api v0.311.0
	google.golang.org/grpc v1.85.0
)

require (
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20261026165753-2ffab32bce7e // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)
