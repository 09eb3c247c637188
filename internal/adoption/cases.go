package adoption

import (
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// Group is a list of related cases.
type Group struct {
	Name  string
	Cases []Case
}

var (
	watch   = Request{Path: "/v1/things/1/watch"}
	export  = Request{Path: "/v1/things/1/export"}
	onOwn   = []runtime.ServeMuxOption{runtime.WithErrorHandler(runtime.DefaultHTTPErrorHandler)}
	created = []gateway.Option{gateway.WithExtraStatuses(http.StatusCreated)}
)

// same adds a service that does not change.
func same(c Case, behave testkit.Behaviour) Case {
	c.Before, c.After = unary(behave), unary(behave)
	return c
}

func sameStream(c Case, s Service) Case {
	c.Before, c.After, c.Only = s, s, testkit.Network // grpc-gateway does not support streams in process
	return c
}

// Groups returns all cases, in the order of docs/migrating.md.
func Groups() []Group {
	return []Group{
		{"Successes", successes()},
		{"Errors", errorCases()},
		{"Requests without a call", requests()},
		{"Streams", streamCases()},
		{"Services that still send x-http-code", halfWay()},
	}
}

func successes() []Case {
	accepted := func(c Case) Case {
		c.Before, c.After = unary(acceptedBefore), unary(acceptedAfter)
		return c
	}
	return []Case{
		{Name: "the service chooses 200", Before: unary(recipe("200")), After: unary(chooses(200)), Status: 200},
		{
			Name: "it chooses 201, which `WithExtraStatuses(201)` allows", Before: unary(recipe("201")),
			After: unary(createdAfter), Bridge: created, Status: 201,
		},
		accepted(Case{Name: "it chooses 202", Status: 202}),
		{Name: "it chooses 204", Before: unary(recipe("204")), After: unary(chooses(204)), Status: 204},
		accepted(Case{
			Name: "it chooses 202, and an identity matcher forwards all metadata",
			Mux:  []runtime.ServeMuxOption{identity}, Status: 202,
		}),
		accepted(Case{
			Name: "it chooses 202, and a response rewriter fails", Mux: []runtime.ServeMuxOption{broken}, Status: 500,
		}),
		{
			Name: "it chooses 202 and then fails", Before: unary(recipe("202", fails(errNotFound))),
			After: unary(chooses(202, fails(errNotFound))), Status: 404,
		},
		{
			Name: "the same, with grpc-gateway's own error handler", Before: unary(recipe("202", fails(errNotFound))),
			After: unary(chooses(202, fails(errNotFound))), Recipes: onOwn, Status: 404,
		},
		{
			Name:   "it sends a success with the status of an error, as the manual does; after: it returns the error",
			Before: unary(recipe("401")), After: unary(fails(mapping.Errorf(401, "token expired"))), Status: 401,
		},
		{Name: "it sends 1000", Before: unary(recipe("1000")), After: unary(claims("1000")), Status: 200},
		{Name: "it sends 0", Before: unary(recipe("0")), After: unary(claims("0")), Status: 200},
		{Name: "it sends `created`", Before: unary(recipe("created")), After: unary(claims("created")), Status: 200},
		same(Case{
			Name: "it sends binary metadata", Status: 200,
		}, sends(metadata.Pairs("trace-bin", "\x00\x01\x02"), nil)),
	}
}

func errorCases() []Case {
	return []Case{
		same(Case{Name: "NotFound", Status: 404}, fails(errNotFound)),
		same(Case{
			Name: "FailedPrecondition", Status: 409,
		}, fails(status.Error(codes.FailedPrecondition, "suspended already"))),
		same(Case{Name: "ResourceExhausted", Status: 503}, fails(errTooMany)),
		same(Case{
			Name:   "the same, with `WithMapping(codes.ResourceExhausted, 429)`",
			Bridge: []gateway.Option{gateway.WithMapping(codes.ResourceExhausted, http.StatusTooManyRequests)},
			Status: 429,
		}, fails(errTooMany)),
		same(Case{Name: "Unauthenticated", Status: 401}, fails(errExpired)),
		same(Case{
			Name: "the same, with grpc-gateway's own error handler", Recipes: onOwn, Status: 401,
		}, fails(errExpired)),
		{
			Name:   "a dependency sent an invalid response; after: `mapping.Errorf(502, …)`",
			Before: unary(fails(status.Error(codes.Unavailable, "scheduler: <html>"))),
			After:  unary(fails(mapping.Errorf(502, "the scheduler sent an invalid response"))), Status: 502,
		},
		same(Case{Name: "a plain Go error", Status: 500}, fails(errGo)),
		same(Case{Name: "a wrapped context error", Status: 504}, fails(errWrapped)),
		same(Case{Name: "a detail of a type that the gateway does not link", Status: 404}, fails(errForeign)),
		same(Case{
			Name: "the same, with grpc-gateway's own error handler", Recipes: onOwn, Status: 404,
		}, fails(errForeign)),
		same(Case{
			Name: "a message that is not UTF-8", Status: 404,
		}, fails(status.Error(codes.NotFound, "no \xff thing"))),
		same(Case{
			Name: "the same, with grpc-gateway's own error handler", Recipes: onOwn, Status: 404,
		}, fails(status.Error(codes.NotFound, "no \xff thing"))),
		same(Case{
			Name: "an error with metadata and an identity matcher, with grpc-gateway's own error handler",
			Mux:  []runtime.ServeMuxOption{identity}, Recipes: onOwn, Status: 404,
		}, sends(metadata.Pairs("request-id", "7"), []testkit.Behaviour{fails(errNotFound)})),
		same(Case{
			Name: "nothing listens at the address of the service", Down: true, Only: testkit.Network, Status: 503,
		}, nil),
		same(Case{Name: "the service panics, in process", Only: testkit.InProcess, Status: 500}, panics),
		{
			Name: "a handler that was registered by hand panics", Request: Request{Path: "/v1/report"},
			Mux: []runtime.ServeMuxOption{report}, Status: 500,
		},
	}
}

func requests() []Case {
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	return []Case{
		{Name: "a method that the path does not support", Request: Request{Method: "POST"}, Status: 405},
		{Name: "OPTIONS", Request: Request{Method: "OPTIONS"}, Status: 405},
		{Name: "HEAD of a path with GET", Request: Request{Method: "HEAD"}, Status: 200},
		{
			Name:    "a POST form for a path with GET",
			Request: Request{Method: "POST", Path: "/v1/things/1/name", Body: "a=1", Header: form}, Status: 405,
		},
		{Name: "a path that does not exist", Request: Request{Path: "/v1/nothing"}, Status: 404},
		{Name: "a parameter of the wrong type", Request: Request{Path: "/v1/things/first"}, Status: 400},
		{Name: "a body that is not JSON", Request: Request{Method: "POST", Path: "/v1/things", Body: "{"}, Status: 400},
	}
}

func streamCases() []Case {
	return []Case{
		{
			Name: "the service chooses 202", Request: watch, Before: streams(acceptedBefore, 1, nil),
			After: streams(acceptedAfter, 1, nil), Only: testkit.Network, Status: 202,
		},
		sameStream(Case{
			Name: "it fails before the first message", Request: watch, Status: 404,
		}, streams(nothing, 0, errNotFound)),
		{
			Name: "it chooses 202 and fails before the first message", Request: watch,
			Before: streams(acceptedBefore, 0, errNotFound), After: streams(acceptedAfter, 0, errNotFound),
			Only: testkit.Network, Status: 404,
		},
		sameStream(Case{
			Name: "it fails after the first message", Request: watch, Status: 200,
		}, streams(nothing, 1, errNotFound)),
		sameStream(Case{
			Name: "it fails after the first message with a plain Go error", Request: watch, Status: 200,
		}, streams(nothing, 1, errGo)),
		sameStream(Case{
			Name: "a download fails after its first bytes", Request: export, Status: 200,
		}, streams(nothing, 1, errNotFound)),
	}
}

// halfWay returns cases of services that have not changed yet, with a gateway that has.
func halfWay() []Case {
	still := func(c Case, s Service) Case {
		c.Before, c.After = s, s
		return c
	}
	kept := []runtime.ServeMuxOption{runtime.WithForwardResponseOption(statusFromMetadata)}
	keptAndDropped := []runtime.ServeMuxOption{kept[0], runtime.WithOutgoingHeaderMatcher(dropStatus)}
	renamed := []grpc.DialOption{grpc.WithChainUnaryInterceptor(renameStatus)}
	accepts, fails := unary(acceptedBefore), unary(recipe("202", fails(errNotFound)))
	return []Case{
		still(Case{
			Name: "the bridge alone: the key has no meaning and is forwarded like other metadata", KeySent: true,
			Status: 200,
		}, accepts),
		still(Case{Name: "the bridge and the recipe's forward option", Beside: kept, Status: 202}, accepts),
		still(Case{Name: "the same, and the service then fails", Beside: kept, KeySent: true, Status: 404}, fails),
		still(Case{Name: "the same, with a matcher that drops the key", Beside: keptAndDropped, Status: 404}, fails),
		still(Case{Name: "with both, the service chooses 202", Beside: keptAndDropped, Status: 202}, accepts),
		still(Case{Name: "with both, it sends 1000", Beside: keptAndDropped, Status: 500}, unary(recipe("1000"))),
		still(Case{
			Name: "with both, a response rewriter fails", Mux: []runtime.ServeMuxOption{broken}, Beside: keptAndDropped,
			Status: 500,
		}, accepts),
		still(Case{
			Name: "with both, a stream fails before its first message", Request: watch, Beside: keptAndDropped,
			Only: testkit.Network, Status: 404,
		}, streams(acceptedBefore, 0, errNotFound)),
		still(Case{
			Name: "the bridge and a connection that renames the key", Dial: renamed, Only: testkit.Network, Status: 202,
		}, accepts),
		still(Case{
			Name: "the same, and the service then fails", Dial: renamed, Only: testkit.Network, Status: 404,
		}, fails),
		still(Case{
			Name: "the same, and it sends 1000", Dial: renamed, Only: testkit.Network, Status: 200,
		}, unary(recipe("1000"))),
	}
}
