// Package interop has only tests. They run the gateway inside routers, middleware and servers that its users have, and
// with real proxies before it and between it and the backend.
package interop
