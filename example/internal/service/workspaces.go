package service

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"

	controlplanev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/v1"
	"github.com/statusbridge/statusbridge/example/internal/auth"
	"github.com/statusbridge/statusbridge/example/internal/scheduler"
	"github.com/statusbridge/statusbridge/example/internal/store"
	"github.com/statusbridge/statusbridge/mapping"
)

// Workspaces implements WorkspacesService. A change calls the scheduler first and the store second. If the scheduler
// fails, nothing has changed.
type Workspaces struct {
	controlplanev1.UnimplementedWorkspacesServiceServer

	Store     *store.Store
	Scheduler *scheduler.Client
}

// CreateWorkspace accepts a workspace.
func (s *Workspaces) CreateWorkspace(
	ctx context.Context, request *controlplanev1.CreateWorkspaceRequest,
) (*controlplanev1.CreateWorkspaceResponse, error) {
	if err := checkNewWorkspace(request); err != nil {
		return nil, err
	}
	name := request.GetName()
	if request.GetUseGivenNameAsPrefix() {
		name += "-" + strings.ToLower(rand.Text()[:suffixLength-1])
	}
	workspace := &controlplanev1.Workspace{
		Name:          name,
		RequestedName: request.GetName(),
		WorkloadId:    store.NewUUID(),
		ProjectId:     request.GetProjectId(),
		DepartmentId:  store.DepartmentID,
		ClusterId:     request.GetClusterId(),
		CreatedBy:     auth.Caller(ctx).Owner,
		Spec:          request.GetSpec(),
	}
	if err := s.Store.CheckWorkspace(workspace); err != nil {
		return nil, creationFailure(err)
	}
	if err := s.reserve(ctx, workspace); err != nil {
		return nil, err
	}
	accepted, err := s.Store.CreateWorkspace(workspace)
	if err != nil {
		s.giveBack(ctx, workspace.GetWorkloadId())
		return nil, creationFailure(err)
	}
	if err := mapping.SetHTTPStatus(ctx, http.StatusAccepted); err != nil {
		return nil, err
	}
	return &controlplanev1.CreateWorkspaceResponse{Workspace: accepted}, nil
}

// GetWorkspace returns a workspace.
func (s *Workspaces) GetWorkspace(
	_ context.Context, request *controlplanev1.GetWorkspaceRequest,
) (*controlplanev1.GetWorkspaceResponse, error) {
	workspace, err := s.Store.Workspace(request.GetWorkloadId())
	if err != nil {
		return nil, storeFailure(err)
	}
	return &controlplanev1.GetWorkspaceResponse{Workspace: workspace}, nil
}

// DeleteWorkspace accepts the deletion of a workspace.
func (s *Workspaces) DeleteWorkspace(
	ctx context.Context, request *controlplanev1.DeleteWorkspaceRequest,
) (*controlplanev1.DeleteWorkspaceResponse, error) {
	id := request.GetWorkloadId()
	if _, err := s.Store.Workspace(id); err != nil {
		return nil, storeFailure(err)
	}
	if err := s.release(ctx, id); err != nil {
		return nil, err
	}
	if err := s.Store.DeleteWorkspace(id); err != nil {
		return nil, storeFailure(err)
	}
	return &controlplanev1.DeleteWorkspaceResponse{
		Code: http.StatusAccepted, Message: "The workspace is being deleted.",
	}, nil
}

// SuspendWorkspace accepts the suspension of a running workspace.
func (s *Workspaces) SuspendWorkspace(
	ctx context.Context, request *controlplanev1.SuspendWorkspaceRequest,
) (*controlplanev1.SuspendWorkspaceResponse, error) {
	id := request.GetWorkloadId()
	if _, err := s.Store.CheckPhase(id, store.PhaseStopped); err != nil {
		return nil, storeFailure(err)
	}
	if err := s.release(ctx, id); err != nil {
		return nil, err
	}
	if err := s.Store.SetPhase(id, store.PhaseStopped); err != nil {
		return nil, storeFailure(err)
	}
	return &controlplanev1.SuspendWorkspaceResponse{
		Code: http.StatusAccepted, Message: "The workspace is being suspended.",
	}, nil
}

// ResumeWorkspace accepts that a suspended workspace continues.
func (s *Workspaces) ResumeWorkspace(
	ctx context.Context, request *controlplanev1.ResumeWorkspaceRequest,
) (*controlplanev1.ResumeWorkspaceResponse, error) {
	id := request.GetWorkloadId()
	workspace, err := s.Store.CheckPhase(id, store.PhaseRunning)
	if err != nil {
		return nil, storeFailure(err)
	}
	if err := s.reserve(ctx, workspace); err != nil {
		return nil, err
	}
	err = s.Store.SetPhase(id, store.PhaseRunning)
	if errors.Is(err, store.ErrNotFound) {
		s.giveBack(ctx, id)
	}
	if err != nil {
		return nil, storeFailure(err)
	}
	return &controlplanev1.ResumeWorkspaceResponse{
		Code: http.StatusAccepted, Message: "The workspace is being resumed.",
	}, nil
}

// creationFailure maps an error of the store to a status. A project that does not exist is a 400, because the project
// is a field of the request.
func creationFailure(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		var wrong violations
		wrong.add("projectId", "is not a project of this control plane")
		return wrong.err()
	}
	return storeFailure(err)
}

func (s *Workspaces) reserve(ctx context.Context, workspace *controlplanev1.Workspace) error {
	gpus := int(workspace.GetSpec().GetCompute().GetGpuDevicesRequest())
	if err := s.Scheduler.Reserve(ctx, workspace.GetWorkloadId(), gpus); err != nil {
		return schedulerFailure(err)
	}
	return nil
}

// giveBack ends a reservation after the store refused the change, because another request was faster. It does so even
// if the caller has left. Its error is ignored, because the caller gets the error of the store.
func (s *Workspaces) giveBack(ctx context.Context, workloadID string) {
	_ = s.Scheduler.Release(context.WithoutCancel(ctx), workloadID)
}

func (s *Workspaces) release(ctx context.Context, workloadID string) error {
	if err := s.Scheduler.Release(ctx, workloadID); err != nil {
		return schedulerFailure(err)
	}
	return nil
}
