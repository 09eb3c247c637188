package probe

import "github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

// Bridge applies all options of a *gateway.Bridge at one place, for muxes that are made step by step.
func Bridge(b interface {
	ServeMuxOptions(own ...runtime.ServeMuxOption) []runtime.ServeMuxOption
}) runtime.ServeMuxOption {
	return func(mux *runtime.ServeMux) {
		for _, option := range b.ServeMuxOptions() {
			option(mux)
		}
	}
}
