package service

import (
	"fmt"

	"google.golang.org/protobuf/types/known/structpb"

	controlplanev1 "github.com/statusbridge/statusbridge/example/gen/controlplane/v1"
	"github.com/statusbridge/statusbridge/example/internal/store"
)

// projectFields contains the members that can be set and updated.
type projectFields interface {
	GetDescription() string
	GetResources() []*controlplanev1.Resources
	GetDefaultNodePools() []string
	GetSchedulingRules() *structpb.Struct
	GetNodeTypes() *structpb.Struct
}

// memoryUnits contains the units of the published API, in megabytes.
var memoryUnits = map[string]float64{"Mib": 1.048576, "MB": 1, "GB": 1000}

func checkNewProject(request *controlplanev1.CreateProjectRequest) error {
	var wrong violations
	wrong.checkName("name", request.GetName(), maxName)
	wrong.checkCluster(request.GetClusterId())
	if request.RequestedNamespace != nil {
		wrong.checkName("requestedNamespace", request.GetRequestedNamespace(), maxName)
	}
	if request.ParentId != nil && request.GetParentId() != store.DepartmentID {
		wrong.add("parentId", "is not a department of this control plane")
	}
	return checkProjectFields(&wrong, request)
}

// checkProjectFields returns an error with the violations in wrong and those of fields.
func checkProjectFields(wrong *violations, fields projectFields) error {
	for i, r := range fields.GetResources() {
		path := fmt.Sprintf("resources[%d].", i)
		checkAmounts(wrong, path+"gpu.", r.GetGpu())
		checkAmounts(wrong, path+"cpu.", r.GetCpu())
		if r.GetMemory() != nil {
			checkAmounts(wrong, path+"memory.", r.GetMemory())
			if _, ok := memoryUnits[r.GetMemory().GetUnits()]; !ok {
				wrong.add(path+"memory.units", "must be Mib, MB or GB")
			}
		}
	}
	if err := wrong.err(); err != nil {
		return err
	}
	switch {
	case fields.GetSchedulingRules() != nil:
		return unsupported("schedulingRules")
	case fields.GetNodeTypes() != nil:
		return unsupported("nodeTypes")
	}
	return nil
}

func checkAmounts(wrong *violations, path string, quota interface {
	GetDeserved() float64
	GetOverQuotaWeight() float64
}) {
	if quota.GetDeserved() < 0 {
		wrong.add(path+"deserved", "must not be negative")
	}
	if quota.GetOverQuotaWeight() < 0 {
		wrong.add(path+"overQuotaWeight", "must not be negative")
	}
}
