package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/gateway"
)

// TestLogObserver reads what slog's own JSON handler makes of an observation.
func TestLogObserver(t *testing.T) {
	for _, c := range []struct {
		name string
		seen gateway.Observation
		want map[string]any
	}{
		{
			"the caller's",
			gateway.Observation{HTTPStatus: 404, GRPCCode: codes.NotFound, Origin: gateway.OriginRequest, Err: errors.New("no route")},
			map[string]any{"level": "INFO", "http_status": 404.0, "grpc_code": "NotFound", "origin": "request", "error": "no route"},
		},
		{
			"a server's",
			gateway.Observation{
				HTTPStatus: 502, GRPCCode: codes.Unavailable, Origin: gateway.OriginUpstream, Err: errors.New("an upstream's page"),
				RPCMethod: "/things.v1.Things/Get", Route: "/v1/things/{id}",
			},
			map[string]any{
				"level": "ERROR", "http_status": 502.0, "grpc_code": "Unavailable", "origin": "upstream", "error": "an upstream's page",
				"rpc_method": "/things.v1.Things/Get", "route": "/v1/things/{id}",
			},
		},
		{
			"nobody's",
			gateway.Observation{HTTPStatus: 503, GRPCCode: codes.Canceled, Origin: gateway.OriginBackend, ClientGone: true, Err: context.Canceled},
			map[string]any{
				"level": "DEBUG", "http_status": 503.0, "grpc_code": "Canceled", "origin": "backend", "error": "context canceled",
				"client_gone": true,
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, least := range []slog.Level{slog.LevelDebug, slog.LevelError + 1} {
				var out bytes.Buffer
				observe := gateway.LogObserver(slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: least})))
				observe(t.Context(), c.seen)
				if least > slog.LevelError {
					if out.Len() > 0 {
						t.Errorf("logged below the level: %s", &out)
					}
					continue
				}
				got := map[string]any{}
				if err := json.Unmarshal(out.Bytes(), &got); err != nil {
					t.Fatalf("%v in %s", err, &out)
				}
				delete(got, slog.TimeKey)
				c.want[slog.MessageKey] = "request failed"
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("logged (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestLogObserverOfNothing(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("it does not panic")
		}
	}()
	gateway.LogObserver(nil)
}
