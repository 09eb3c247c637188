package plugin

import (
	"fmt"
	"path"
	"strconv"
	"strings"
)

// options are set by the plugin's parameter.
type options struct {
	// document is the name of the one document for all protos. If it is empty, each directory has one.
	document string
	// emitUnpopulated says that responses have null for an unset message, as runtime.JSONPb writes by default.
	emitUnpopulated bool
	// commaArrays says that array parameters are joined with commas, and not repeated.
	commaArrays bool
	// selectors are the visibility labels that are shown.
	selectors map[string]bool
	// generator holds the parameters for protoc-gen-openapiv3.
	generator []string
}

// parseParameter reads the comma-separated options of protoc and buf. It passes unknown ones to protoc-gen-openapiv3,
// which refuses options that it does not know. It returns an error for a wrong value.
func parseParameter(parameter string) (*options, error) {
	o := &options{emitUnpopulated: true, selectors: map[string]bool{}}
	for part := range strings.SplitSeq(parameter, ",") {
		name, value, _ := strings.Cut(part, "=")
		var err error
		switch name {
		case "document":
			if value == "" || path.Clean(value) != value || path.IsAbs(value) || strings.HasPrefix(value, "../") {
				return nil, fmt.Errorf("document=%s: must be the name of a file below the output directory", value)
			}
			o.document = value
		case "emit_unpopulated":
			o.emitUnpopulated, err = strconv.ParseBool(value)
		case "comma_arrays":
			o.commaArrays, err = strconv.ParseBool(value)
		default:
			if name == "visibility_restriction_selectors" {
				o.selectors[value] = true
			}
			if part != "" && !strings.HasPrefix(part, "M") {
				o.generator = append(o.generator, part)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%s=%s: must be true or false", name, value)
		}
	}
	return o, nil
}
