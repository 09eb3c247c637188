package contracttest

import (
	"net/http"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// places lists where a reply can have metadata.
var places = []struct {
	name string
	add  func(metadata.MD, func(grpc.ServerStream) error) func(grpc.ServerStream) error
}{{"header", withHeader}, {"trailer", withTrailer}}

// metadataReplies has metadata of every kind, for errors and for successes.
func (c *config) metadataReplies() []reply {
	kinds := []struct {
		name string
		md   metadata.MD
	}{
		{"ordinary metadata", metadata.Pairs("x-contracttest", "a", "x-contracttest", "b")},
		{"binary metadata", metadata.Pairs("x-contracttest-bin", "\x00\r\n\xff")},
		{"framing metadata", metadata.Pairs("content-length", "7", "transfer-encoding", "gzip")},
		{"a success's metadata", metadata.Pairs("etag", `"1"`, "location", "/v1/x", "cache-control", "public")},
		{"the control key", metadata.Pairs(controlKey, "202")},
	}
	var all []reply
	for _, kind := range kinds {
		for _, place := range places {
			for _, te := range []bool{false, true} {
				suffix := " with " + kind.name + " in the " + place.name
				w := want{rule: ruleCodeStatus, status: c.httpStatus(codes.Aborted)}
				w.message = text(w.status)
				failure := failed("Aborted"+suffix, w, status.Error(codes.Aborted, w.message))
				failure.serve = place.add(kind.md, failure.serve)
				success := reply{name: "OK" + suffix, want: want{rule: ruleSuccessStatus, success: true}}
				if kind.name == "the control key" && place.name == "header" {
					success.want = want{rule: ruleSuccessStatus, status: 202}
				}
				success.serve = place.add(kind.md, succeed)
				for _, r := range []reply{failure, success} {
					if te {
						r.name += ", TE: trailers"
						r.header = http.Header{"Te": {"trailers"}}
					}
					all = append(all, r)
				}
			}
		}
	}
	for _, place := range places {
		const challenge = `Basic realm="backend"`
		w := want{rule: ruleCodeStatus, status: c.httpStatus(codes.Unauthenticated)}
		if w.status == http.StatusUnauthorized {
			w.challenge = challenge
		}
		err := status.Error(codes.Unauthenticated, clientText)
		r := failed("Unauthenticated with www-authenticate in the "+place.name, w, err)
		r.serve = place.add(metadata.Pairs("www-authenticate", challenge), r.serve)
		all = append(all, r)
	}
	return all
}

// withHeader sends header metadata before the rest of a reply.
func withHeader(header metadata.MD, next func(grpc.ServerStream) error) func(grpc.ServerStream) error {
	return func(stream grpc.ServerStream) error {
		_ = stream.SetHeader(header) // it fails only after the header was sent
		return next(stream)
	}
}

// withTrailer sends trailer metadata after the rest of a reply.
func withTrailer(trailer metadata.MD, next func(grpc.ServerStream) error) func(grpc.ServerStream) error {
	return func(stream grpc.ServerStream) error {
		stream.SetTrailer(trailer)
		return next(stream)
	}
}
