//go:build !localreplies

package interop

// localReplies is empty until package gateway has the option WithLocalReplies.
var localReplies []gatewayColumn
