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

// Workspace is the API's message and what only the listing of workloads shows.
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

// CheckWorkspace reports what CreateWorkspace would refuse now, for callers who have to reserve something
// elsewhere first.
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
			return &ConflictError{
				Text: fmt.Sprintf("project %q already has a workspace named %q", s.projects[i].GetName(), workspace.GetName()),
			}
		}
	}
	return nil
}

// CreateWorkspace stores a workspace under the id that it carries. Its project must exist and its name be free
// in it. What comes back shows the workspace in the moment of its acceptance; nothing here takes time, so the
// next read shows the phase that it has settled in.
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

// Workspaces returns one page of the workspaces and the offset of the next page, which is 0 after the last one.
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
			// Not wrapped: the project is not what the caller asked for.
			return nil, 0, fmt.Errorf("store: project %s of workspace %s is lost", workspace.GetProjectId(), workspace.GetWorkloadId())
		}
		found[i].ProjectName = s.projects[p].GetName()
		found[i].Namespace = s.projects[p].GetStatus().GetNamespace()
	}
	return found, next, nil
}

// CheckPhase reports what SetPhase would refuse now, for callers who have to ask elsewhere first.
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

// SetPhase runs or stops the workspace with the id. It must not be in that phase.
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
