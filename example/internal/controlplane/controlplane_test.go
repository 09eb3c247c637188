package controlplane_test

import (
	"net/http"
	"testing"

	"github.com/statusbridge/statusbridge/example/internal/apitest"
	"github.com/statusbridge/statusbridge/example/internal/controlplane"
)

func TestOnlyLoopback(t *testing.T) {
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "localhost:0", "127.0.0.1", ""} {
		plane, err := controlplane.Start(controlplane.Config{Addr: addr})
		if addr == "" {
			if err != nil {
				t.Errorf("the default: %v", err)
			}
		} else if err == nil {
			t.Errorf("%q: it listens at %s", addr, plane.URL())
		}
		if plane != nil {
			if err := plane.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestAddressInUse(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{})
	if _, err := controlplane.Start(controlplane.Config{Addr: plane.URL()[len("http://"):]}); err == nil {
		t.Error("two control planes listen at one address")
	}
}

func TestHead(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{})
	bearer := plane.Token(controlplane.DemoViewer)
	if got := plane.Do(http.MethodHead, projects, bearer, ""); got.Status != http.StatusOK || got.Body != "" {
		t.Errorf("got %d %q", got.Status, got.Body)
	}
}

// TestClose makes sure that nobody listens any more.
func TestClose(t *testing.T) {
	plane, err := controlplane.Start(controlplane.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := plane.Close(); err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(plane.URL() + projects)
	if err == nil {
		_ = response.Body.Close()
		t.Errorf("a closed control plane answers %s", response.Status)
	}
}
