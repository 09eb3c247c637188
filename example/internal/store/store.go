// Package store keeps the projects and the workspaces of the control plane in memory.
//
// Records are messages of the API. The store copies them, so callers cannot change a stored record.
package store

import (
	"errors"
	"sync"
	"time"

	controlplanev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/v1"
)

// The only cluster and the only department of this control plane.
const (
	ClusterID      = "6f1c1b1e-52f0-4c8e-9d6b-2f7c0a4d9e11"
	DepartmentID   = "b0d7b0a4-7d0e-4a55-8f0e-3c1f6f0a2d42"
	DepartmentName = "default"
)

// The errors of a healthy store. Clients of the API may read their texts, but not the texts of other errors.
var (
	// ErrNotFound is the error of a record that does not exist.
	ErrNotFound = errors.New("not found")
	// ErrConflict is the error of a change that the state of a record forbids. It is a *ConflictError.
	ErrConflict = errors.New("conflict")
)

// ConflictError explains a conflict.
type ConflictError struct {
	// Text is the reason in a sentence.
	Text string
	// Details lists the records that cause the conflict, or is empty.
	Details string
}

func (e *ConflictError) Error() string { return e.Text }

// Is makes every ConflictError an ErrConflict.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// errDamaged is an example of an error that clients of the API must not read.
var errDamaged = errors.New(
	"store: segment /var/lib/controlplane/000017.seg: block 12: checksum 5d41402a, want 7d793037")

// Store contains the records. It is safe for concurrent use.
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

// SetDamaged sets whether every call fails.
func (s *Store) SetDamaged(damaged bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.damaged = damaged
}
