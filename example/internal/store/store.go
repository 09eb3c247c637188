// Package store keeps the projects and the workspaces of the control plane in memory.
//
// Records are the API's own messages. They go in and come out as copies, so nobody can change what is stored
// without the store.
package store

import (
	"errors"
	"sync"
	"time"

	controlplanev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/v1"
)

// The one cluster and the one department that this control plane manages.
const (
	ClusterID      = "6f1c1b1e-52f0-4c8e-9d6b-2f7c0a4d9e11"
	DepartmentID   = "b0d7b0a4-7d0e-4a55-8f0e-3c1f6f0a2d42"
	DepartmentName = "default"
)

// The errors of a healthy store. Their texts are made for the caller of the API; every other error's is not.
var (
	// ErrNotFound is what a record that does not exist is reported with.
	ErrNotFound = errors.New("not found")
	// ErrConflict is what the state of a record forbids is reported with; it comes as a *ConflictError.
	ErrConflict = errors.New("conflict")
)

// ConflictError says what is in the way.
type ConflictError struct {
	// Text is the reason in a sentence.
	Text string
	// Details names the records that are in the way, if it is them.
	Details string
}

func (e *ConflictError) Error() string { return e.Text }

// Is makes every ConflictError an ErrConflict.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// errDamaged is the kind of error that no caller of the API should ever read.
var errDamaged = errors.New("store: segment /var/lib/controlplane/000017.seg: block 12: checksum 5d41402a, want 7d793037")

// Store is safe for concurrent use.
type Store struct {
	now func() time.Time

	mu         sync.Mutex
	damaged    bool
	projects   []*controlplanev1.Project
	workspaces []*Workspace
	lastID     int
}

// New returns an empty store that takes the time from now.
func New(now func() time.Time) *Store {
	return &Store{now: now}
}

// SetDamaged makes every call fail from now on, or ends that.
func (s *Store) SetDamaged(damaged bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.damaged = damaged
}
