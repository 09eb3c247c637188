package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	controlplanev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/v1"
)

// CreateProject stores a project with a new id. Its name must be unique.
func (s *Store) CreateProject(project *controlplanev1.Project) (*controlplanev1.Project, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.damaged {
		return nil, errDamaged
	}
	for _, other := range s.projects {
		if other.GetName() == project.GetName() {
			return nil, &ConflictError{Text: fmt.Sprintf("a project named %q already exists", project.GetName())}
		}
	}
	s.lastID++
	now := timestamppb.New(s.now())
	stored := proto.CloneOf(project)
	stored.Id = strconv.Itoa(s.lastID)
	stored.CreatedAt, stored.UpdatedAt = now, now
	if stored.Status != nil {
		stored.Status.LastUpdatedTime = now
	}
	s.projects = append(s.projects, stored)
	return proto.CloneOf(stored), nil
}

// Project returns the project with the id.
func (s *Store) Project(id string) (*controlplanev1.Project, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.damaged {
		return nil, errDamaged
	}
	i, err := s.indexProject(id)
	if err != nil {
		return nil, err
	}
	return proto.CloneOf(s.projects[i]), nil
}

// Projects returns a page of the projects and the offset of the next page. The last page has the next offset 0.
func (s *Store) Projects(page Page) ([]*controlplanev1.Project, int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.damaged {
		return nil, 0, errDamaged
	}
	found, next := paginate(s.projects, page, (*controlplanev1.Project).GetName)
	for i, project := range found {
		found[i] = proto.CloneOf(project)
	}
	return found, next, nil
}

// UpdateProject calls change with the project that has the id, and stores the result.
func (s *Store) UpdateProject(id string, change func(*controlplanev1.Project)) (*controlplanev1.Project, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.damaged {
		return nil, errDamaged
	}
	i, err := s.indexProject(id)
	if err != nil {
		return nil, err
	}
	changed := proto.CloneOf(s.projects[i])
	change(changed)
	changed.UpdatedAt = timestamppb.New(s.now())
	s.projects[i] = changed
	return proto.CloneOf(changed), nil
}

// DeleteProject removes the project with the id. It returns a ConflictError if the project still has workspaces.
func (s *Store) DeleteProject(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.damaged {
		return errDamaged
	}
	i, err := s.indexProject(id)
	if err != nil {
		return err
	}
	var names []string
	for _, workspace := range s.workspaces {
		if workspace.GetProjectId() == id {
			names = append(names, workspace.GetName())
		}
	}
	if len(names) > 0 {
		return &ConflictError{
			Text:    fmt.Sprintf("project %q still has workspaces", s.projects[i].GetName()),
			Details: strings.Join(names, ", "),
		}
	}
	s.projects = slices.Delete(s.projects, i, i+1)
	return nil
}

func (s *Store) indexProject(id string) (int, error) {
	i := slices.IndexFunc(s.projects, func(p *controlplanev1.Project) bool { return p.GetId() == id })
	if i < 0 {
		return 0, fmt.Errorf("project %q: %w", id, ErrNotFound)
	}
	return i, nil
}
