package contracttest

import (
	"net/http"
	"strconv"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// badRequests sends requests that the gateway cannot read: a broken query, a text in place of a number, and bodies that
// are not JSON objects.
func (r *run) badRequests(of *route) {
	bad := []call{{path: of.path + "?%zz=1", body: of.body}}
	if parameter := queryParameter(of); parameter != "" {
		bad = append(bad, call{path: of.path + "?" + parameter + "=contracttest", body: of.body})
	}
	if path := badPath(of); path != "" {
		bad = append(bad, call{path: path, body: of.body})
	}
	bodies := []string{"{", "[]", "{\"a\":\"\xff\"}", "\x00"}
	if !of.object || of.rpc.IsStreamingServer() && of.rpc.IsStreamingClient() {
		bodies = nil // grpc-gateway responds to such a stream before it reads the body
	}
	for _, body := range bodies {
		bad = append(bad, call{path: of.path, body: body, note: "with the body " + strconv.Quote(body)})
	}
	invalid := r.config.httpStatus(codes.InvalidArgument) // routing refuses some of the requests with 400
	for i, c := range bad {
		c.route, c.method = of, of.method
		strict := i > 0 // a rule with body "*" does not read the broken query, so it may succeed
		for _, client := range r.clients {
			x := r.send(client, c)
			r.backend.take()
			refused := x.status == http.StatusBadRequest || x.status == invalid
			if x.sent && !refused && (strict || isError(x.status)) && !x.broken(ruleStatus) {
				x.breaks(ruleBadRequest, "the status is %d, not %d", x.status, invalid)
			}
			r.report.add(&x.exchange)
		}
	}
}

// queryParameter returns the name of a number field that the query can set, or an empty text.
func queryParameter(of *route) string {
	if of.body != "" || of.byHand || of.clientStream() {
		return ""
	}
	fields := of.rpc.Input().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		if isNumber(field) && !strings.Contains(of.pattern, "{"+string(field.Name())) {
			return string(field.Name())
		}
	}
	return ""
}

func isNumber(field protoreflect.FieldDescriptor) bool {
	switch field.Kind() {
	case protoreflect.Int32Kind, protoreflect.Int64Kind, protoreflect.Uint32Kind, protoreflect.Uint64Kind:
		return !field.IsMap()
	default:
		return false
	}
}

// badPath returns a path with a text in place of a number, or an empty text if the path does not contain a number.
func badPath(of *route) string {
	if of.byHand {
		return ""
	}
	found := false
	template := variable.ReplaceAllStringFunc(of.pattern, func(text string) string {
		parts := variable.FindStringSubmatch(text)
		if field := fieldAt(of.rpc.Input(), parts[1]); !found && field != nil && parts[2] == "" && isNumber(field) {
			found = true
			return "contracttest"
		}
		return text
	})
	if !found {
		return ""
	}
	return fill(template, of.rpc.Input())
}
