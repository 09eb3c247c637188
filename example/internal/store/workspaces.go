package store

import (
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	controlplanev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/v1"
)

// The phases of a workspace.
const (
	PhaseCreating = "Creating"
	PhaseRunning  = "Running"
	PhaseStopped  = "Stopped"
)

// Workspace is the message of the API with the members that only the listing of workloads shows.
type Workspace struct {
	*controlplanev1.Workspace

	ProjectName, Namespace string
	ChangedAt              time.Time
}

func (w *Workspace) clone() *Workspace {
	c := *w
	c.Workspace = proto.CloneOf(w.Workspace)
	return &c
}

// CheckWorkspace returns the error that CreateWorkspace would return now, for callers that must reserve GPUs first.
func (s *Store) CheckWorkspace(workspace *controlplanev1.Workspace) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.damaged {
		return errDamaged
	}
	return s.checkWorkspace(workspace)
}

func (s *Store) checkWorkspace(workspace *controlplanev1.Workspace) error {
	i, err := s.indexProject(workspace.GetProjectId())
	if err != nil {
		return err
	}
	for _, other := range s.workspaces {
		if other.GetProjectId() == workspace.GetProjectId() && other.GetName() == workspace.GetName() {
			return &ConflictError{Text: fmt.Sprintf("project %q already has a workspace named %q",
				s.projects[i].GetName(), workspace.GetName())}
		}
	}
	return nil
}

// CreateWorkspace stores a workspace with the id that it contains. Its project must exist, and its name must be unique
// in the project. It returns the workspace in the phase Creating. The next read returns the phase Running.
func (s *Store) CreateWorkspace(workspace *controlplanev1.Workspace) (*controlplanev1.Workspace, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.damaged {
		return nil, errDamaged
	}
	if err := s.checkWorkspace(workspace); err != nil {
		return nil, err
	}
	now := s.now()
	accepted := proto.CloneOf(workspace)
	accepted.CreatedAt = timestamppb.New(now)
	accepted.DesiredPhase, accepted.ActualPhase = PhaseRunning, PhaseCreating

	settled := &Workspace{Workspace: proto.CloneOf(accepted), ChangedAt: now}
	settled.ActualPhase = PhaseRunning
	s.workspaces = append(s.workspaces, settled)
	return accepted, nil
}

// Workspace returns the workspace with the id.
func (s *Store) Workspace(id string) (*controlplanev1.Workspace, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.damaged {
		return nil, errDamaged
	}
	i, err := s.indexWorkspace(id)
	if err != nil {
		return nil, err
	}
	return proto.CloneOf(s.workspaces[i].Workspace), nil
}

// Workspaces returns a page of the workspaces and the offset of the next page. The last page has the next offset 0.
func (s *Store) Workspaces(page Page) ([]*Workspace, int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.damaged {
		return nil, 0, errDamaged
	}
	found, next := paginate(s.workspaces, page, func(w *Workspace) string { return w.GetName() })
	for i, workspace := range found {
		found[i] = workspace.clone()
		p, err := s.indexProject(workspace.GetProjectId())
		if err != nil {
			// The error is not wrapped, because the caller did not ask for the project.
			return nil, 0, fmt.Errorf("store: project %s of workspace %s is lost",
				workspace.GetProjectId(), workspace.GetWorkloadId())
		}
		found[i].ProjectName = s.projects[p].GetName()
		found[i].Namespace = s.projects[p].GetStatus().GetNamespace()
	}
	return found, next, nil
}

// CheckPhase returns the workspace, or the error that SetPhase would return now.
func (s *Store) CheckPhase(id, phase string) (*controlplanev1.Workspace, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.damaged {
		return nil, errDamaged
	}
	workspace, err := s.checkPhase(id, phase)
	if err != nil {
		return nil, err
	}
	return proto.CloneOf(workspace.Workspace), nil
}

func (s *Store) checkPhase(id, phase string) (*Workspace, error) {
	i, err := s.indexWorkspace(id)
	if err != nil {
		return nil, err
	}
	workspace := s.workspaces[i]
	if workspace.GetDesiredPhase() == phase {
		state := map[string]string{PhaseRunning: "running", PhaseStopped: "suspended"}[phase]
		return nil, &ConflictError{Text: fmt.Sprintf("workspace %q is already %s", workspace.GetName(), state)}
	}
	return workspace, nil
}

// SetPhase sets the phase of the workspace with the id. It must be in another phase.
func (s *Store) SetPhase(id, phase string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.damaged {
		return errDamaged
	}
	workspace, err := s.checkPhase(id, phase)
	if err != nil {
		return err
	}
	workspace.DesiredPhase, workspace.ActualPhase = phase, phase
	workspace.ChangedAt = s.now()
	return nil
}

// DeleteWorkspace removes the workspace with the id.
func (s *Store) DeleteWorkspace(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.damaged {
		return errDamaged
	}
	i, err := s.indexWorkspace(id)
	if err != nil {
		return err
	}
	s.workspaces = slices.Delete(s.workspaces, i, i+1)
	return nil
}

func (s *Store) indexWorkspace(id string) (int, error) {
	i := slices.IndexFunc(s.workspaces, func(w *Workspace) bool { return w.GetWorkloadId() == id })
	if i < 0 {
		return 0, fmt.Errorf("workspace %q: %w", id, ErrNotFound)
	}
	return i, nil
}
