package plugin

import (
	"fmt"
	"path"
	"strconv"
	"strings"
)

// options are what the plugin's parameter chooses.
type options struct {
	// document is the name of the one document that everything goes into; empty for one in each directory.
	document string
	// emitUnpopulated says that responses have null for a message that is not set, as runtime.JSONPb writes them by
	// default.
	emitUnpopulated bool
	// generator holds what is meant for protoc-gen-openapiv3.
	generator []string
}

// parseParameter reads the comma-separated options of protoc and buf. What it does not know is for protoc-gen-openapiv3,
// which refuses what it does not know either.
func parseParameter(parameter string) (*options, error) {
	o := &options{emitUnpopulated: true}
	for part := range strings.SplitSeq(parameter, ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "":
		case "document":
			if value == "" || path.Clean(value) != value || path.IsAbs(value) || strings.HasPrefix(value, "../") {
				return nil, fmt.Errorf("document=%s: must be the name of a file below the output directory", value)
			}
			o.document = value
		case "emit_unpopulated":
			set, err := strconv.ParseBool(value)
			if err != nil {
				return nil, fmt.Errorf("emit_unpopulated=%s: must be true or false", value)
			}
			o.emitUnpopulated = set
		default:
			o.generator = append(o.generator, part)
		}
	}
	return o, nil
}
