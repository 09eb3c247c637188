// Package loopback recognises requests that a foreign website sends through a user's browser. The website's host name
// may point to this machine, so that the browser sees one origin. The Host header shows that name.
package loopback

import "net"

// Names reports whether a Host header contains localhost or a loopback address.
func Names(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
