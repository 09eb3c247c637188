package contract

import "testing"

// TestReadableInPlace fails when a version of grpc-go or of protobuf keeps a status in another shape. Every answer
// stays right, from a copy of the status; errors with details then cost more, and eachDetail wants a new look.
func TestReadableInPlace(t *testing.T) {
	if !readableInPlace {
		t.Errorf("status.Status.s %t, Status.Details %t, Any.TypeUrl %t, Any.Value %t",
			inStatus, inMessage, inURL, inValue)
	}
}
