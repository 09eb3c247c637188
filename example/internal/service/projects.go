package service

import (
	"cmp"
	"context"
	"slices"

	controlplanev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/v1"
	"github.com/statusbridge/statusbridge/example/internal/auth"
	"github.com/statusbridge/statusbridge/example/internal/store"
)

// Projects implements ProjectsService.
type Projects struct {
	controlplanev1.UnimplementedProjectsServiceServer

	Store *store.Store
}

var projectSortKeys = set("name", "clusterId", "departmentId", "parentId", "parentName", "phase", "totalGpuQuota",
	"gpuAllocated", "createdAt", "avgGpuAllocation24h", "avgGpuUtilization24h", "avgGpuMemoryUtilization24h",
	"avgGpuAllocation7d", "avgGpuUtilization7d", "avgGpuMemoryUtilization7d", "avgGpuAllocation30d",
	"avgGpuUtilization30d", "avgGpuMemoryUtilization30d")

// ListProjects returns one page of the projects.
func (s *Projects) ListProjects(
	_ context.Context, request *controlplanev1.ListProjectsRequest,
) (*controlplanev1.ListProjectsResponse, error) {
	page, err := readPage(request, request.Offset, request.Limit, projectSortKeys)
	if err != nil {
		return nil, err
	}
	projects, next, err := s.Store.Projects(page)
	if err != nil {
		return nil, storeFailure(err)
	}
	return &controlplanev1.ListProjectsResponse{Projects: projects, Next: nextOffset(next)}, nil
}

// CreateProject adds a project. It sends 200, because the 201 of the published API is not a documented status.
func (s *Projects) CreateProject(
	ctx context.Context, request *controlplanev1.CreateProjectRequest,
) (*controlplanev1.CreateProjectResponse, error) {
	if err := checkNewProject(request); err != nil {
		return nil, err
	}
	owner := auth.Caller(ctx).Owner
	project := &controlplanev1.Project{
		Name:                  request.GetName(),
		ClusterId:             request.GetClusterId(),
		ParentId:              store.DepartmentID,
		RequestedNamespace:    request.RequestedNamespace,
		EnforceRunaiScheduler: request.EnforceRunaiScheduler == nil || request.GetEnforceRunaiScheduler(),
		CreatedBy:             owner,
		Status: &controlplanev1.ProjectStatus{
			Namespace:    cmp.Or(request.GetRequestedNamespace(), "runai-"+request.GetName()),
			Phase:        "Ready",
			PhaseMessage: "The project is ready",
		},
	}
	fillProject(project, owner, request)
	created, err := s.Store.CreateProject(project)
	if err != nil {
		return nil, storeFailure(err)
	}
	return &controlplanev1.CreateProjectResponse{Project: created}, nil
}

// GetProject returns a project.
func (s *Projects) GetProject(
	_ context.Context, request *controlplanev1.GetProjectRequest,
) (*controlplanev1.GetProjectResponse, error) {
	project, err := s.Store.Project(request.GetProjectId())
	if err != nil {
		return nil, storeFailure(err)
	}
	return &controlplanev1.GetProjectResponse{Project: project}, nil
}

// UpdateProject replaces the members of a project that may change.
func (s *Projects) UpdateProject(
	ctx context.Context, request *controlplanev1.UpdateProjectRequest,
) (*controlplanev1.UpdateProjectResponse, error) {
	var wrong violations
	if err := checkProjectFields(&wrong, request); err != nil {
		return nil, err
	}
	updated, err := s.Store.UpdateProject(request.GetProjectId(), func(project *controlplanev1.Project) {
		if request.EnforceRunaiScheduler != nil {
			project.EnforceRunaiScheduler = request.GetEnforceRunaiScheduler()
		}
		fillProject(project, auth.Caller(ctx).Owner, request)
	})
	if err != nil {
		return nil, storeFailure(err)
	}
	return &controlplanev1.UpdateProjectResponse{Project: updated}, nil
}

// DeleteProject removes a project. The published API sends 202 or 204. This is a 204, because the project is removed at
// once.
func (s *Projects) DeleteProject(
	_ context.Context, request *controlplanev1.DeleteProjectRequest,
) (*controlplanev1.DeleteProjectResponse, error) {
	if err := s.Store.DeleteProject(request.GetProjectId()); err != nil {
		return nil, storeFailure(err)
	}
	return &controlplanev1.DeleteProjectResponse{}, nil
}

// fillProject sets the members that can be updated.
func fillProject(project *controlplanev1.Project, owner string, fields projectFields) {
	project.Description = fields.GetDescription()
	project.Resources = slices.Clone(fields.GetResources())
	project.DefaultNodePools = slices.Clone(fields.GetDefaultNodePools())
	project.Effective = &controlplanev1.ProjectEffective{DefaultNodePools: project.GetDefaultNodePools()}
	project.UpdatedBy = owner
	project.TotalResources = &controlplanev1.TotalResources{}
	for _, r := range project.GetResources() {
		project.TotalResources.GpuQuota += r.GetGpu().GetDeserved()
		project.TotalResources.CpuQuota += r.GetCpu().GetDeserved()
		project.TotalResources.MemoryQuota += r.GetMemory().GetDeserved() * memoryUnits[r.GetMemory().GetUnits()]
	}
}
