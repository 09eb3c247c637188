package gateway

import (
	"net/http"
	"sync"
)

// Asking a mux of hundreds of routes for every method costs several times what refusing the request does, and the
// answer for a path changes only when a handler is registered. The cache is small and bounded: paths are the
// client's choice, and whoever makes them up gets the slower answer.
const (
	cachedPaths      = 256
	cachedPathLength = 256
)

// allowCache holds the Allow header of paths that were refused with 405.
type allowCache struct {
	mu      sync.RWMutex
	methods map[string]string
}

// get returns the methods of a path, from ask when they are not known.
func (c *allowCache) get(p path, ask func() string) string {
	if p.raw != "" || len(p.decoded) > cachedPathLength {
		return ask() // how an escaped path is routed depends on more than the path
	}
	c.mu.RLock()
	methods, ok := c.methods[p.decoded]
	c.mu.RUnlock()
	if ok {
		return methods
	}
	methods = ask()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.methods == nil || len(c.methods) >= cachedPaths {
		c.methods = map[string]string{}
	}
	c.methods[p.decoded] = methods
	return methods
}

// forget is called when a handler is registered.
func (c *allowCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.methods = nil
}

// path is what the mux routes by, beside the method.
type path struct {
	decoded string
	raw     string // as url.URL.RawPath; empty where it says no more
}

func pathOf(r *http.Request) path {
	return path{decoded: r.URL.Path, raw: r.URL.RawPath}
}
