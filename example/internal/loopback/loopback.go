// Package loopback tells requests of this machine's own from those that a web page elsewhere has a browser make. A page
// can have its own name lead here, and then the browser takes both for one origin; but the name is in the Host header.
package loopback

import "net"

// Names reports whether a Host header names this machine by an address or by localhost.
func Names(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
