package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	controlplanev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/v1"
	"github.com/statusbridge/statusbridge/example/internal/store"
)

func newStore() *store.Store {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return store.New(func() time.Time { return now })
}

func addProject(t *testing.T, s *store.Store, name string) string {
	t.Helper()
	project, err := s.CreateProject(&controlplanev1.Project{Name: name})
	if err != nil {
		t.Fatalf("CreateProject(%q): %v", name, err)
	}
	return project.GetId()
}

func workspaceIn(projectID, name string) *controlplanev1.Workspace {
	return &controlplanev1.Workspace{ProjectId: projectID, Name: name, WorkloadId: projectID + "-" + name}
}

func addWorkspace(t *testing.T, s *store.Store, projectID, name string) string {
	t.Helper()
	workspace, err := s.CreateWorkspace(workspaceIn(projectID, name))
	if err != nil {
		t.Fatalf("CreateWorkspace(%q): %v", name, err)
	}
	return workspace.GetWorkloadId()
}

func TestStoreRefuses(t *testing.T) {
	s := newStore()
	full := addProject(t, s, "full")
	running := addWorkspace(t, s, full, "running")
	stopped := addWorkspace(t, s, full, "stopped")
	if err := s.SetPhase(stopped, store.PhaseStopped); err != nil {
		t.Fatal(err)
	}

	keep := func(*controlplanev1.Project) {}
	for name, test := range map[string]struct {
		call    func() error
		want    error
		details string
	}{
		"create a project with a taken name": {
			call: func() error { _, err := s.CreateProject(&controlplanev1.Project{Name: "full"}); return err },
			want: store.ErrConflict,
		},
		"delete a project with workspaces": {
			call: func() error { return s.DeleteProject(full) }, want: store.ErrConflict, details: "running, stopped",
		},
		"create a workspace with a taken name": {
			call: func() error { _, err := s.CreateWorkspace(workspaceIn(full, "running")); return err },
			want: store.ErrConflict,
		},
		"check a workspace with a taken name": {
			call: func() error { return s.CheckWorkspace(workspaceIn(full, "running")) },
			want: store.ErrConflict,
		},
		"resume a running workspace": {
			call: func() error { return s.SetPhase(running, store.PhaseRunning) },
			want: store.ErrConflict,
		},
		"suspend a stopped workspace": {
			call: func() error { return s.SetPhase(stopped, store.PhaseStopped) },
			want: store.ErrConflict,
		},
		"check a stopped workspace": {
			call: func() error { _, err := s.CheckPhase(stopped, store.PhaseStopped); return err },
			want: store.ErrConflict,
		},
		"read an unknown project": {
			call: func() error { _, err := s.Project("9"); return err },
			want: store.ErrNotFound,
		},
		"update an unknown project": {
			call: func() error { _, err := s.UpdateProject("9", keep); return err },
			want: store.ErrNotFound,
		},
		"delete an unknown project": {
			call: func() error { return s.DeleteProject("9") }, want: store.ErrNotFound,
		},
		"create a workspace in an unknown project": {
			call: func() error { _, err := s.CreateWorkspace(workspaceIn("9", "new")); return err },
			want: store.ErrNotFound,
		},
		"read an unknown workspace": {
			call: func() error { _, err := s.Workspace("9"); return err },
			want: store.ErrNotFound,
		},
		"stop an unknown workspace": {
			call: func() error { return s.SetPhase("9", store.PhaseStopped) }, want: store.ErrNotFound,
		},
		"delete an unknown workspace": {
			call: func() error { return s.DeleteWorkspace("9") }, want: store.ErrNotFound,
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.call()
			if !errors.Is(err, test.want) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			conflict := &store.ConflictError{}
			errors.As(err, &conflict)
			if conflict.Details != test.details {
				t.Errorf("details: got %q, want %q", conflict.Details, test.details)
			}
		})
	}
}

func TestDamagedStore(t *testing.T) {
	s := newStore()
	id := addProject(t, s, "project")
	workloadID := addWorkspace(t, s, id, "workspace")
	calls := map[string]func() error{
		"CreateProject": func() error {
			_, err := s.CreateProject(&controlplanev1.Project{Name: "new"})
			return err
		},
		"Project":         func() error { _, err := s.Project(id); return err },
		"Projects":        func() error { _, _, err := s.Projects(store.Page{}); return err },
		"UpdateProject":   func() error { _, err := s.UpdateProject(id, func(*controlplanev1.Project) {}); return err },
		"DeleteProject":   func() error { return s.DeleteProject(id) },
		"CheckWorkspace":  func() error { return s.CheckWorkspace(workspaceIn(id, "new")) },
		"CreateWorkspace": func() error { _, err := s.CreateWorkspace(workspaceIn(id, "new")); return err },
		"Workspace":       func() error { _, err := s.Workspace(workloadID); return err },
		"Workspaces":      func() error { _, _, err := s.Workspaces(store.Page{}); return err },
		"CheckPhase":      func() error { _, err := s.CheckPhase(workloadID, store.PhaseStopped); return err },
		"SetPhase":        func() error { return s.SetPhase(workloadID, store.PhaseStopped) },
		"DeleteWorkspace": func() error { return s.DeleteWorkspace(workloadID) },
	}
	s.SetDamaged(true)
	for name, call := range calls {
		err := call()
		if err == nil || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrConflict) {
			t.Errorf("%s: got %v, want an internal error", name, err)
		}
	}
	s.SetDamaged(false)
	if _, err := s.Project(id); err != nil {
		t.Errorf("after the repair: %v", err)
	}
}

func TestPages(t *testing.T) {
	s := newStore()
	for _, name := range []string{"b", "c", "a"} {
		addProject(t, s, name)
	}
	for name, test := range map[string]struct {
		page store.Page
		want []string
		next int
	}{
		"all":              {page: store.Page{Limit: 3}, want: []string{"b", "c", "a"}},
		"first":            {page: store.Page{Limit: 2}, want: []string{"b", "c"}, next: 2},
		"second":           {page: store.Page{Limit: 2, Offset: 2}, want: []string{"a"}},
		"past the end":     {page: store.Page{Limit: 2, Offset: 9}, want: nil},
		"by name":          {page: store.Page{Limit: 2, ByName: true}, want: []string{"a", "b"}, next: 2},
		"newest first":     {page: store.Page{Limit: 2, Descending: true}, want: []string{"a", "c"}, next: 2},
		"descending names": {page: store.Page{Limit: 9, ByName: true, Descending: true}, want: []string{"c", "b", "a"}},
	} {
		t.Run(name, func(t *testing.T) {
			projects, next, err := s.Projects(test.page)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, project := range projects {
				got = append(got, project.GetName())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
			if next != test.next {
				t.Errorf("next: got %d, want %d", next, test.next)
			}
		})
	}
}

func TestRecordsAreCopies(t *testing.T) {
	s := newStore()
	given := &controlplanev1.Project{Name: "project"}
	created, err := s.CreateProject(given)
	if err != nil {
		t.Fatal(err)
	}
	given.Name, created.Name = "given", "created"
	read, err := s.Project("1")
	if err != nil {
		t.Fatal(err)
	}
	if read.GetName() != "project" {
		t.Errorf("the stored project changed its name to %q", read.GetName())
	}
}

func TestPhases(t *testing.T) {
	s := newStore()
	accepted, err := s.CreateWorkspace(workspaceIn(addProject(t, s, "project"), "workspace"))
	if err != nil {
		t.Fatal(err)
	}
	id := accepted.GetWorkloadId()
	got := []string{accepted.GetActualPhase()}
	for _, phase := range []string{"", store.PhaseStopped, store.PhaseRunning} {
		if phase != "" {
			if err := s.SetPhase(id, phase); err != nil {
				t.Fatal(err)
			}
		}
		workspace, err := s.Workspace(id)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, workspace.GetActualPhase())
	}
	want := []string{store.PhaseCreating, store.PhaseRunning, store.PhaseStopped, store.PhaseRunning}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("phases (-want +got):\n%s", diff)
	}
}

func TestParallelCreation(t *testing.T) {
	s := newStore()
	errs := make([]error, 16)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = s.CreateProject(&controlplanev1.Project{Name: "wanted"}) })
	}
	wg.Wait()
	created := 0
	for _, err := range errs {
		switch {
		case err == nil:
			created++
		case !errors.Is(err, store.ErrConflict):
			t.Errorf("got %v, want a conflict", err)
		}
	}
	if created != 1 {
		t.Errorf("%d projects were created, want 1", created)
	}
}

func TestNewUUID(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		id := store.NewUUID()
		var a, b, c, d, e uint64
		if n, err := fmt.Sscanf(id, "%8x-%4x-%4x-%4x-%12x", &a, &b, &c, &d, &e); n != 5 || err != nil || len(id) != 36 {
			t.Fatalf("%q is not a UUID: %v", id, err)
		}
		if c>>12 != 4 || d>>14 != 2 {
			t.Fatalf("%q is not of version 4 and variant 10", id)
		}
		if seen[id] {
			t.Fatalf("got %q twice", id)
		}
		seen[id] = true
	}
}
