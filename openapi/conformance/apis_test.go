package conformance_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// api is a public API whose protos a registry has.
type api struct {
	// name is that of the documents.
	name string
	// roots are the directories of the protos by the prefix of their import paths.
	roots map[string]directory
	// protos are patterns of the files to generate, as they are imported.
	protos []string
}

// directory returns a directory, and skips the test if the registry cannot be reached.
type directory func(t *testing.T) string

var apis = []api{
	{"longrunning", pypi, []string{"google/longrunning/operations_proto.proto"}},
	{"location", pypi, []string{"google/cloud/location/locations.proto"}},
	{"pubsub", npm, []string{"google/pubsub/v1/*.proto"}},
	{"spanner", npm, []string{"google/spanner/admin/database/v1/*.proto"}},
	{"secretmanager", npm, []string{"google/cloud/secretmanager/v1/*.proto"}},
	{"tasks", npm, []string{"google/cloud/tasks/v2/*.proto"}},
	{"kms", npm, []string{"google/cloud/kms/v1/*.proto"}},
	{"firestore", npm, []string{"google/firestore/admin/v1/*.proto"}},
	{"iam", npm, []string{"google/iam/admin/v1/*.proto"}},
	{"library", npm, []string{"google/example/library/v1/*.proto"}},
	{"etcd", map[string]directory{
		"etcd/api/": goModule("go.etcd.io/etcd/api/v3", "v3.7.3", ""),
	}, []string{"etcd/api/etcdserverpb/rpc.proto"}},
	{"fulcio", map[string]directory{
		"": goModule("github.com/sigstore/fulcio", "v1.8.8", ""),
	}, []string{"fulcio.proto", "fulcio_legacy.proto"}},
	{"jaeger", map[string]directory{
		"":           goModule("github.com/jaegertracing/jaeger-idl", "v0.14.0", "proto/api_v2"),
		"gogoproto/": goModule("github.com/gogo/protobuf", "v1.3.2", "gogoproto"),
	}, []string{"query.proto", "collector.proto", "sampling.proto"}},
	{"pyroscope", map[string]directory{
		"": goModule("github.com/grafana/pyroscope/api", "v1.6.0", ""),
	}, []string{"status/v1/status.proto"}},
	{"everything", map[string]directory{
		"": goModule("github.com/grpc-ecosystem/grpc-gateway/v2", "v2.33.0", ""),
	}, []string{"examples/internal/proto/examplepb/a_bit_of_everything.proto"}},
}

// The protos of Google are in the Python package googleapis-common-protos and in the npm package google-proto-files.
var (
	pypi = map[string]directory{"": installed("PYTHON_PROTOS")}
	npm  = map[string]directory{"": installed("NODE_PROTOS")}
)

// installed returns the directory that run.sh put a package into.
func installed(variable string) directory {
	return func(t *testing.T) string {
		t.Helper()
		found := os.Getenv(variable)
		if found == "" {
			leaveOut(t, variable+" is not set")
		}
		return found
	}
}

// goModule returns a directory in a version of a Go module.
func goModule(name, version, within string) directory {
	return func(t *testing.T) string {
		t.Helper()
		download := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", name+"@"+version)
		download.Dir = t.TempDir()
		output, err := download.Output()
		if err != nil {
			leaveOut(t, name+" cannot be downloaded")
		}
		var downloaded struct{ Dir string }
		if err := json.Unmarshal(output, &downloaded); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(downloaded.Dir, within)
	}
}

// leaveOut skips a test. In CI (CI=true) it fails.
func leaveOut(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}
