package contracttest

import (
	"cmp"
	"net/http"
	"slices"
	"sync"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
)

// chosen lists the errors that only a service sends. The gateway can send all others, so methods do not declare them.
// The OpenAPI plugin has the same list.
var chosen = []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict}

// declaring returns the linked routes whose methods declare errors, the most specific template first.
var declaring = sync.OnceValue(func() []route {
	routes := slices.DeleteFunc(linkedRoutes(), func(r route) bool { return len(declared(r.rpc)) == 0 })
	slices.SortStableFunc(routes, func(a, b route) int { return cmp.Compare(b.literal, a.literal) })
	return routes
})

// checkDeclared judges an error of a method that declares its errors. Run does not apply the rule, since its fake
// backend returns every status.
func (x *exchange) checkDeclared() {
	if x.request == nil || x.backend != "" || !slices.Contains(chosen, x.status) {
		return
	}
	for _, r := range declaring() {
		if r.method != x.request.Method || !r.matches.MatchString(x.request.URL.Path) {
			continue
		}
		if !slices.Contains(declared(r.rpc), statusbridgev1.HttpStatus(x.status)) {
			x.breaks(ruleDeclared, "%s does not declare %d", r.rpc.FullName(), x.status)
		}
		return
	}
}
