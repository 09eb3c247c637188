package interop

import (
	"net/http"
	"testing"
	"testing/fstest"
	"time"

	"github.com/statusbridge/statusbridge/gateway"
)

// TestFileServer asks http.FileServer inside Handler for ranges (RFC 9110 section 14).
func TestFileServer(t *testing.T) {
	files := http.FileServerFS(fstest.MapFS{
		"video.mp4": {Data: []byte("0123456789"), ModTime: time.Unix(1e9, 0)},
	})
	allowing := serve(t, gateway.New(gateway.WithExtraStatuses(206, 416)).Handler(files))
	plain := serve(t, gateway.New().Handler(files))
	c := newCaller(t)

	if r := c.get(t, allowing+"/video.mp4", "Range", "bytes=2-4"); r.status != http.StatusPartialContent ||
		string(r.body) != "234" || r.header.Get("Content-Range") != "bytes 2-4/10" {
		t.Errorf("a range: %v %v", r, r.header)
	}
	beyond := c.get(t, allowing+"/video.mp4", "Range", "bytes=99999-")
	check(t, beyond, http.StatusRequestedRangeNotSatisfiable)
	// RFC 9110 section 15.5.17: the response says how long the representation is.
	if beyond.header.Get("Content-Range") != "bytes */10" {
		t.Errorf("Content-Range of a 416: %v", beyond.header)
	}

	// 206 and 416 are not documented, so that a range is ignored by default, as RFC 9110 section 14.2 allows.
	for _, asked := range []string{"bytes=2-4", "bytes=99999-"} {
		r := c.get(t, plain+"/video.mp4", "Range", asked)
		if r.status != http.StatusOK || string(r.body) != "0123456789" {
			t.Errorf("%s without the option: %v", asked, r)
		}
	}
	check(t, c.get(t, plain+"/nowhere"), http.StatusNotFound)
	r := c.get(t, plain+"/video.mp4", "If-Modified-Since", "Sun, 09 Sep 2001 01:46:40 GMT")
	if r.status != http.StatusNotModified {
		t.Errorf("a file that was not modified: %v", r)
	}
}
