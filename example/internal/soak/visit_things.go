package soak

import (
	"fmt"
	"net/http"

	"github.com/statusbridge/statusbridge/internal/testkit"
)

// codeStatuses contains the HTTP status of each gRPC code.
var codeStatuses = []int{
	1: 503, 2: 500, 3: 400, 4: 504, 5: 404, 6: 409, 7: 403, 8: 503, 9: 409, 10: 409, 11: 400, 12: 501, 13: 500, 14: 503,
	15: 500, 16: 401, 17: 500,
}

// place sends an order to the gateway that calls the service over the network, or to the one in the same process.
func (v *visitor) place(o order, number int64, headers ...string) result {
	base := v.network
	if v.random.IntN(3) == 0 || o.kind == "panic" { // a panic of a gRPC server would end the program
		base = v.process
	}
	url := fmt.Sprintf("%s/v1/things/%d:rename", base, number)
	return v.ask(http.MethodPost, url, "", fmt.Sprintf("%q", o), headers...)
}

// orderThing orders each documented status.
func (v *visitor) orderThing() {
	v.outages.things.RLock()
	defer v.outages.things.RUnlock()
	if v.outages.things.mode != running {
		return
	}
	mark, number := v.mark()
	o := order{kind: "succeed", mark: mark}
	for _, o.number = range []int{0, 200, 202} {
		v.want(v.place(o, number), max(200, o.number), mark, mark)
	}
	o.number = 204
	v.want(v.place(o, number), 204, mark)
	o.kind = "error"
	for _, o.number = range testkit.ErrorStatuses {
		v.want(v.place(o, number), o.number, mark, "for "+mark, "where: "+mark)
	}
	o.kind = "code"
	o.number = 1 + v.random.IntN(len(codeStatuses)-1)
	if a, want := v.place(o, number), codeStatuses[o.number]; want < 500 {
		v.want(a, want, mark, "for "+mark)
	} else {
		v.want(a, want, mark)
	}
	for _, o.kind = range []string{"plain", "panic"} {
		v.want(v.place(o, number), 500, mark, testkit.Meanings[500])
	}
}

// missThing sends requests that fail in the gateway, and one whose status is declared in the proto.
func (v *visitor) missThing() {
	v.outages.things.RLock()
	defer v.outages.things.RUnlock()
	if v.outages.things.mode != running {
		return
	}
	mark, number := v.mark()
	thing := fmt.Sprintf("%s/v1/things/%d", v.network, number)
	v.want(v.ask(http.MethodPost, thing+":suspend", "", "{}"), 202, mark, fmt.Sprint(number))
	v.want(v.ask(http.MethodGet, v.network+"/v1/things/"+mark, "", ""), 400, mark, mark)
	v.want(v.ask(http.MethodPost, thing+":rename", "", `"`+mark+`"`), 400, mark)
	v.want(v.ask("OPTIONS", thing, "", ""), 405, mark)
	v.want(v.ask(http.MethodGet, thing, "", ""), 501, mark)
	v.want(v.place(order{kind: "hang", mark: mark}, number, "Grpc-Timeout", "5m"), 504, mark)
}
