package soak

// Event is something that a run counts besides requests and statuses.
type Event struct {
	Name  string
	Count int64
}

// event is the index of an event.
type event int

const (
	clientLeft event = iota
	downloadAborted
	outageChanged
	detailsRead
	retryAfterRead
	extraStatus
	passedThrough
	refusalTranslated
	errorObserved
	frontRestarted
	gatewayRestarted
	proxyRestarted
	serviceRestarted
	pageTranslated
	failedInChain
	chainInterrupted
	streamCut
	connectionBroken
)

var eventNames = [...]string{
	clientLeft:        "clients left",
	downloadAborted:   "downloads were aborted",
	outageChanged:     "outages began or ended",
	detailsRead:       "errors had standard details",
	retryAfterRead:    "of them had a Retry-After",
	extraStatus:       "responses had a status that an option allows",
	passedThrough:     "responses of other protocols passed unchanged",
	refusalTranslated: "errors of middleware were translated",
	errorObserved:     "errors were observed",
	frontRestarted:    "restarts of the proxy before the gateway",
	gatewayRestarted:  "restarts of the gateway after it",
	proxyRestarted:    "restarts of the proxy between gateway and service",
	serviceRestarted:  "restarts of the service after it",
	pageTranslated:    "pages of the proxy were translated",
	failedInChain:     "responses said 502 or 503 during a failure",
	chainInterrupted:  "responses said 502, 503 or 504 while a failure began or ended",
	streamCut:         "streams were open while a part of the chain stopped",
	connectionBroken:  "connections were refused or broke",
}
