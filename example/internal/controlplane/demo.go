package controlplane

import "github.com/statusbridge/statusbridge/example/internal/auth"

// DemoKey is an access key with a public secret. It works on a loopback address only.
type DemoKey struct {
	auth.AccessKey

	Secret string
}

// The access keys of a new control plane.
var (
	DemoAdministrator = DemoKey{
		AccessKey: auth.AccessKey{
			ID:       "2b0c8f0e-6d5e-4b8c-9f43-0b7d2f1a6c01",
			ClientID: "demo-administrator",
			Owner:    "administrator@example.com",
			Role:     auth.Administrator,
		},
		Secret: "administrator-demo-secret",
	}
	DemoViewer = DemoKey{
		AccessKey: auth.AccessKey{
			ID:       "2b0c8f0e-6d5e-4b8c-9f43-0b7d2f1a6c02",
			ClientID: "demo-viewer",
			Owner:    "viewer@example.com",
			Role:     auth.Viewer,
		},
		Secret: "viewer-demo-secret",
	}
)
