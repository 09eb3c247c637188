package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// curl is a command that prints the body and the status.
const curl = `$ curl -w ' %{http_code}\n' -X `

// TestReadme sends the requests that README.md shows for this program, and compares the responses.
func TestReadme(t *testing.T) {
	handler, err := newHandler()
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
		command, isCommand := strings.CutPrefix(strings.TrimSpace(line), curl)
		if !isCommand {
			continue
		}
		method, url, _ := strings.Cut(command, " ")
		r := httptest.NewRequestWithContext(t.Context(), method, "http://"+url, http.NoBody)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Fprintf(&sent, "%s%s %s\n%s %d\n", curl, method, url, w.Body, w.Code)
	}
	if sent.String() != shown {
		t.Errorf("README.md shows\n%s\nand the program sends\n%s", shown, sent.String())
	}
}
