package interop

import "github.com/statusbridge/statusbridge/gateway"

// localReplies is the gateway that recognises Envoy's own replies.
var localReplies = []gatewayColumn{{
	name:    "with `WithLocalReplies`",
	dial:    dial,
	options: []gateway.Option{gateway.WithLocalReplies(gateway.EnvoyLocalReply)},
	only:    "Envoy",
	strict:  func(string) bool { return true },
}}
