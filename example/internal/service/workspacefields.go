package service

import (
	"cmp"
	"fmt"

	controlplanev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/v1"
)

// suffixLength is the length of the suffix of useGivenNameAsPrefix: a hyphen and random letters.
const suffixLength = 7

func checkNewWorkspace(request *controlplanev1.CreateWorkspaceRequest) error {
	var wrong violations
	maxLength := maxName
	if request.GetUseGivenNameAsPrefix() {
		maxLength -= suffixLength
	}
	wrong.checkName("name", request.GetName(), maxLength)
	wrong.checkCluster(request.GetClusterId())
	if request.GetProjectId() == "" {
		wrong.add("projectId", "is required")
	}
	spec := request.GetSpec()
	if spec.GetImage() == "" && request.TemplateId == nil {
		wrong.add("spec.image", "is required")
	}
	for i, variable := range spec.GetEnvironmentVariables() {
		if variable.GetName() == "" {
			wrong.add(fmt.Sprintf("spec.environmentVariables[%d].name", i), "is required")
		}
	}
	compute := cmp.Or(spec.GetCompute(), &controlplanev1.Compute{})
	if compute.GetGpuDevicesRequest() < 0 {
		wrong.add("spec.compute.gpuDevicesRequest", "must not be negative")
	}
	if compute.GetCpuCoreRequest() < 0 {
		wrong.add("spec.compute.cpuCoreRequest", "must not be negative")
	}
	switch compute.GetGpuRequestType() {
	case "", "portion", "memory":
	default:
		wrong.add("spec.compute.gpuRequestType", "must be portion or memory")
	}
	if err := wrong.err(); err != nil {
		return err
	}
	switch {
	case request.TemplateId != nil:
		return unsupported("templateId")
	case spec.GetStorage() != nil:
		return unsupported("spec.storage")
	case compute.GpuMemoryRequest != nil || compute.GetGpuRequestType() == "memory":
		return unsupported("a part of a GPU by memory")
	case compute.GpuPortionRequest != nil && compute.GetGpuPortionRequest() != 1:
		return unsupported("a part of a GPU by portion")
	}
	return nil
}
