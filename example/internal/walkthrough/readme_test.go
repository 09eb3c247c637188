package walkthrough_test

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/statusbridge/statusbridge/example/internal/apitest"
	"github.com/statusbridge/statusbridge/example/internal/controlplane"
)

var curlBlock = regexp.MustCompile("(?s)```console\n\\$ curl -i -X ([A-Z]+) http://127.0.0.1:8080(\\S+)\n(.*?)```")

// TestREADME sends the request in README.md, and compares the response with the one that is shown there. The Date is
// left out.
func TestREADME(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	match := curlBlock.FindSubmatch(readme)
	if match == nil {
		t.Fatal("README.md does not show a curl")
	}
	method, path, shown := string(match[1]), string(match[2]), string(match[3])
	response := apitest.Start(t, controlplane.Config{}).Do(method, path, "", "")
	response.Header.Del("Date")
	var header strings.Builder
	if err := response.Header.Write(&header); err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("HTTP/1.1 %d %s\n%s\n%s\n", response.Status, http.StatusText(response.Status),
		strings.ReplaceAll(header.String(), "\r\n", "\n"), response.Body)
	if diff := cmp.Diff(shown, got); diff != "" {
		t.Errorf("%s %s (-README +got):\n%s", method, path, diff)
	}
}
