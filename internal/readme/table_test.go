package readme

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/mapping"
)

// table shows the status table.
func table() string {
	var b strings.Builder
	b.WriteString("| HTTP | gRPC code when read | gRPC codes that map to it |\n|---|---|---|\n")
	for _, row := range mapping.Rows() {
		mapped := "chosen by the service"
		switch row.HTTPStatus {
		case http.StatusMethodNotAllowed:
			mapped += " or by routing"
		case http.StatusBadGateway:
			mapped += ", or sent for an invalid reply"
		}
		if len(row.MappedCodes) > 0 {
			names := make([]string, len(row.MappedCodes))
			for i, code := range row.MappedCodes {
				names[i] = code.String()
			}
			mapped = strings.Join(names, ", ")
		}
		if mapping.HTTPStatus(codes.Code(99)) == row.HTTPStatus {
			mapped += ", every undefined code"
		}
		fmt.Fprintf(&b, "| %s | %v | %s |\n", statusName(row.HTTPStatus), row.GRPCCode, mapped)
	}
	return b.String()
}

// statuses shows the documented sentence of each status, and how a service in Go chooses it.
func statuses() string {
	var b strings.Builder
	b.WriteString("| status | when | in Go |\n|---|---|---|\n")
	for _, row := range mapping.Rows() {
		said := fmt.Sprintf("`mapping.Errorf(%d, …)`", row.HTTPStatus)
		if row.HTTPStatus < http.StatusMultipleChoices {
			said = fmt.Sprintf("`mapping.SetHTTPStatus(ctx, %d)`", row.HTTPStatus)
		}
		for _, code := range row.MappedCodes {
			switch code {
			case codes.OK:
				said = "return no error"
			default:
				said += fmt.Sprintf(", `codes.%v`", code)
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", statusName(row.HTTPStatus), row.Meaning, said)
	}
	return b.String()
}

// codeTable shows the status of each code, with and without this library.
func codeTable() string {
	var b strings.Builder
	b.WriteString("| code | status | without this library |\n|---|---|---|\n")
	for code := codes.OK; code <= codes.Unauthenticated; code++ {
		ours, theirs := mapping.HTTPStatus(code), runtime.HTTPStatusFromCode(code)
		difference := "the same"
		if ours != theirs {
			difference = statusName(theirs)
		}
		fmt.Fprintf(&b, "| %v | %s | %s |\n", code, statusName(ours), difference)
	}
	return b.String()
}

// unlisted shows the statuses that are not documented and are not read as their class.
func unlisted() string {
	listed := map[int]bool{}
	for _, row := range mapping.Rows() {
		listed[row.HTTPStatus] = true
	}
	var b strings.Builder
	b.WriteString("| status | gRPC code |\n|---|---|\n")
	for httpStatus := range 1000 {
		class := httpStatus / 100 * 100
		if code := mapping.GRPCCode(httpStatus); !listed[httpStatus] && code != mapping.GRPCCode(class) {
			fmt.Fprintf(&b, "| %s | %v |\n", statusName(httpStatus), code)
		}
	}
	for class := 200; class <= 500; class += 100 {
		if listed[class] {
			fmt.Fprintf(&b, "| any other %dxx | %v |\n", class/100, mapping.GRPCCode(class+50))
		}
	}
	fmt.Fprintf(&b, "| anything else | %v |\n", mapping.GRPCCode(0))
	return b.String()
}

func statusName(httpStatus int) string {
	name := http.StatusText(httpStatus)
	if httpStatus == 499 {
		name = "Client Closed Request"
	}
	return strings.TrimSpace(fmt.Sprint(httpStatus, " ", name))
}
