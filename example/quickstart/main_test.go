package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// TestReadme sends the requests that README.md shows for this program, and compares the responses.
func TestReadme(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := newServer()
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	handler, err := newGateway(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, found := strings.Cut(string(readme), "<!-- begin quickstart responses -->\n```console\n")
	shown, _, complete := strings.Cut(shown, "```\n<!-- end -->")
	if !found || !complete {
		t.Fatal("README.md shows no responses of the program")
	}
	var sent strings.Builder
	for line := range strings.Lines(shown) {
		command, isCommand := strings.CutPrefix(strings.TrimSpace(line), "$ curl -X ")
		if !isCommand {
			continue
		}
		method, url, _ := strings.Cut(command, " ")
		r := httptest.NewRequestWithContext(t.Context(), method, "http://"+url, http.NoBody)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		body, _ := io.ReadAll(w.Body)
		fmt.Fprintf(&sent, "$ curl -X %s %s\n%s\n", method, url, strings.TrimSpace(string(body)))
	}
	if sent.String() != shown {
		t.Errorf("README.md shows\n%s\nand the program sends\n%s", shown, sent.String())
	}
}
