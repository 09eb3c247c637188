package walkthrough

import "github.com/statusbridge/statusbridge/example/internal/outage"

// ownTimeout limits a request to backends that hang.
const ownTimeout = "1S"

// Own returns a step with a request that a user wrote. The step creates the project and the workspace that the request
// names. During the request, the backends have the given mode. Status is 0, since any status may be right.
func Own(request Request, mode outage.Mode) Step {
	step := Step{Why: "Your request"}
	if request.names(projectID) || request.names(workspaceID) {
		step.Before = append(step.Before, createProject)
	}
	if request.names(workspaceID) {
		step.Before = append(step.Before, createWorkspace)
		step.After = append(step.After, deleteWorkspace)
	}
	if len(step.Before) > 0 {
		step.After = append(step.After, deleteProject)
	}
	if mode != outage.Running {
		request.Timeout = ownTimeout
		step.Before = append(step.Before, admin("resources/"+string(mode)), admin("workloads/"+string(mode)))
		step.After = append([]Request{admin("resources/running"), admin("workloads/running")}, step.After...)
	}
	step.Request = request
	return step
}
