package service

import (
	"cmp"
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	controlplanev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/v1"
	"github.com/statusbridge/statusbridge/example/internal/store"
)

// Workloads implements WorkloadsService.
type Workloads struct {
	controlplanev1.UnimplementedWorkloadsServiceServer

	Store *store.Store
}

var workloadSortKeys = set("type", "name", "clusterId", "projectId", "projectName", "departmentId", "departmentName",
	"createdAt", "deletedAt", "submittedBy", "phase", "completedAt", "nodepool", "distributedFramework",
	"allocatedGPU", "idleGpus", "idleAllocatedGpus", "phaseUpdatedAt", "category", "priority",
	"totalPendingTimeSeconds", "totalRunningTimeSeconds", "priorityClassName", "guaranteedRuntimeEndsAt",
	"aiApplicationId", "aiApplicationName")

// ListWorkloads returns one page of the workloads.
func (s *Workloads) ListWorkloads(
	_ context.Context, request *controlplanev1.ListWorkloadsRequest,
) (*controlplanev1.ListWorkloadsResponse, error) {
	page, err := readPage(request, request.Offset, request.Limit, workloadSortKeys)
	if err != nil {
		return nil, err
	}
	if request.GetDeleted() {
		return nil, unsupported("deleted")
	}
	workspaces, next, err := s.Store.Workspaces(page)
	if err != nil {
		return nil, storeFailure(err)
	}
	response := &controlplanev1.ListWorkloadsResponse{Next: nextOffset(next)}
	for _, workspace := range workspaces {
		response.Workloads = append(response.Workloads, asWorkload(workspace))
	}
	return response, nil
}

// tenantID is the id of the only tenant.
const tenantID = 1

// asWorkload returns a workspace in the form of the listing.
func asWorkload(workspace *store.Workspace) *controlplanev1.Workload {
	changed := timestamppb.New(workspace.ChangedAt)
	spec := workspace.GetSpec()
	compute := cmp.Or(spec.GetCompute(), &controlplanev1.Compute{})
	runningPods := 0
	if workspace.GetActualPhase() == store.PhaseRunning {
		runningPods = 1
	}
	gpus := float64(compute.GetGpuDevicesRequest())
	return &controlplanev1.Workload{
		Id:                workspace.GetWorkloadId(),
		Name:              workspace.GetName(),
		Type:              "Workspace",
		TenantId:          tenantID,
		ClusterId:         workspace.GetClusterId(),
		ProjectId:         workspace.GetProjectId(),
		ProjectName:       workspace.ProjectName,
		DepartmentId:      workspace.GetDepartmentId(),
		DepartmentName:    store.DepartmentName,
		Namespace:         workspace.Namespace,
		Phase:             workspace.GetActualPhase(),
		PhaseMessage:      "The workspace is " + workspace.GetActualPhase(),
		K8SPhase:          workspace.GetActualPhase(),
		PhaseUpdatedAt:    changed,
		K8SPhaseUpdatedAt: changed,
		Source:            "Control-plane",
		SubmittedBy:       workspace.GetCreatedBy(),
		PriorityClassName: "high",
		Category:          "Build",
		RunningPods:       int32(runningPods),
		CreatedAt:         workspace.GetCreatedAt(),
		UpdatedAt:         changed,
		DeletedAt:         workspace.GetDeletedAt(),
		WorkloadRequestedResources: &controlplanev1.WorkloadRequestedResources{
			Gpu: &controlplanev1.RequestedCores{Request: &gpus},
			Cpu: &controlplanev1.RequestedCores{Request: compute.CpuCoreRequest, Limit: compute.CpuCoreLimit},
			CpuMemory: &controlplanev1.RequestedQuantity{
				Request: compute.CpuMemoryRequest, Limit: compute.CpuMemoryLimit,
			},
		},
		ActionsSupport:     &controlplanev1.ActionsSupport{Delete: true, Suspend: true},
		Images:             []string{spec.GetImage()},
		RequestedNodePools: spec.GetNodePools(),
	}
}
