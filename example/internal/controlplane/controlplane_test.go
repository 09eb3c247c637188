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
			t.Errorf("%q: the control plane listens at %s", addr, plane.URL())
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

func TestWithoutLibrary(t *testing.T) {
	plane := apitest.Start(t, controlplane.Config{})
	bearer := plane.Token(controlplane.DemoViewer)
	for _, test := range []struct {
		method, path string
		status, code int
	}{
		{"GET", projects + "/404", 404, 5},
		{"PATCH", projects, 501, 12},
		{"GET", "/nowhere", 404, 5},
	} {
		got := plane.Do(test.method, controlplane.WithoutPrefix+test.path, bearer, "")
		var body struct {
			Code    int   `json:"code"`
			Details []any `json:"details"`
		}
		got.Decode(t, &body)
		if got.Status != test.status || body.Code != test.code || body.Details == nil {
			t.Errorf("%s %s: got %d %s, want %d with the gRPC code %d",
				test.method, test.path, got.Status, got.Body, test.status, test.code)
		}
	}
	const without = controlplane.WithoutPrefix
	for _, path := range []string{without, without + "x", "/api" + without + "/"} {
		plane.Do(http.MethodGet, path, bearer, "").CheckError(t, http.StatusNotFound)
	}
}

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
		t.Errorf("a closed control plane sends %s", response.Status)
	}
}
