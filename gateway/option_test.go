package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// TestOptions sets what the table leaves open.
func TestOptions(t *testing.T) {
	for _, c := range []struct {
		name    string
		options []gateway.Option
		err     error
		status  int
		message string
	}{
		{"a code of the user's choice", []gateway.Option{gateway.WithMapping(codes.ResourceExhausted, 429)},
			status.Error(codes.ResourceExhausted, "slow down"), 429, "slow down"},
		{"another code is as before", []gateway.Option{gateway.WithMapping(codes.ResourceExhausted, 429)},
			status.Error(codes.AlreadyExists, "taken"), 409, "taken"},
		{"an undefined code", []gateway.Option{gateway.WithMapping(1001, 400)},
			status.Error(1001, "no such plan"), 400, "no such plan"},
		{"the last one counts", []gateway.Option{gateway.WithMapping(codes.NotFound, 410), gateway.WithMapping(codes.NotFound, 403)},
			status.Error(codes.NotFound, "gone"), 403, "gone"},
		{"a detail still wins", []gateway.Option{gateway.WithMapping(codes.Aborted, 412)},
			&mapping.Error{HTTPStatus: 409, Message: "changed", Details: "etag"}, 409, "changed"},
		{"its status may be chosen too", []gateway.Option{gateway.WithMapping(codes.ResourceExhausted, 429)},
			mapping.Errorf(429, "slow down"), 429, "slow down"},
		{"a status allowed", []gateway.Option{gateway.WithExtraStatuses(418, 422, 599)}, mapping.Errorf(418, "short and stout"), 418, "short and stout"},
		{"at the end of the range", []gateway.Option{gateway.WithExtraStatuses(400, 599)}, mapping.Errorf(599, "odd"), 599, "odd"},
		{"a status not allowed", []gateway.Option{gateway.WithExtraStatuses(422)}, mapping.Errorf(418, "short and stout"), 400, "short and stout"},
		{"no statuses", []gateway.Option{gateway.WithExtraStatuses()}, mapping.Errorf(418, "short and stout"), 400, "short and stout"},
		{"a 5xx of the user's choice", []gateway.Option{gateway.WithMapping(codes.DataLoss, 507)},
			status.Error(codes.DataLoss, testkit.Secret), 507, "Insufficient Storage"},
		{"no observer", []gateway.Option{gateway.WithServerMessages()}, status.Error(codes.DataLoss, testkit.Secret), 500, testkit.Secret},
	} {
		for _, transport := range testkit.Transports {
			t.Run(fmt.Sprint(c.name, " ", transport), func(t *testing.T) {
				service := &testkit.Service{}
				service.Behave(testkit.Fails(c.err))
				r := call{}.To(t, bridged(t, transport, service, gateway.New(c.options...)))
				details := ""
				if e, ok := c.err.(*mapping.Error); ok { //nolint:errorlint // The table's own value, not a chain.
					details = e.Details
				}
				r.WantError(t, c.status, c.message, details)
			})
		}
	}
}

// TestOptionsOfRouting leave what routing says exact: WithHTTPStatus is about the codes of backends.
func TestOptionsOfRouting(t *testing.T) {
	bridge := gateway.New(gateway.WithMapping(codes.NotFound, 410), gateway.WithMapping(codes.Unimplemented, 503),
		gateway.WithMapping(codes.InvalidArgument, 422))
	for _, transport := range testkit.Transports {
		base := bridged(t, transport, &testkit.Service{}, bridge)
		call{Path: "/nowhere"}.To(t, base).WantError(t, 404, "", "")
		call{Method: "POST"}.To(t, base).WantError(t, 405, "", "")
	}
}

// TestInvalidOptions panic where they are made, with a text that names the option and the value.
func TestInvalidOptions(t *testing.T) {
	for text, option := range map[string]func() gateway.Option{
		`WithChallenge("")`:           func() gateway.Option { return gateway.WithChallenge("") },
		`WithChallenge(" \t")`:        func() gateway.Option { return gateway.WithChallenge(" \t") },
		`WithChallenge("Bearer\r\nX:`: func() gateway.Option { return gateway.WithChallenge("Bearer\r\nX: y") },
		`WithChallenge("Bearer\x00")`: func() gateway.Option { return gateway.WithChallenge("Bearer\x00") },
		`WithChallenge("Bearer\x7f")`: func() gateway.Option { return gateway.WithChallenge("Bearer\x7f") },
		`WithExtraStatuses(0)`:        func() gateway.Option { return gateway.WithExtraStatuses(0) },
		`WithExtraStatuses(199)`:      func() gateway.Option { return gateway.WithExtraStatuses(199) },
		`WithExtraStatuses(300)`:      func() gateway.Option { return gateway.WithExtraStatuses(201, 300) },
		`WithExtraStatuses(399)`:      func() gateway.Option { return gateway.WithExtraStatuses(399) },
		`WithExtraStatuses(600)`:      func() gateway.Option { return gateway.WithExtraStatuses(600) },
		`WithExtraStatuses(-1)`:       func() gateway.Option { return gateway.WithExtraStatuses(-1) },
		`WithMapping(OK)`:             func() gateway.Option { return gateway.WithMapping(codes.OK, 500) },
		`WithMapping(NotFound, 200)`:  func() gateway.Option { return gateway.WithMapping(codes.NotFound, 200) },
		`WithMapping(NotFound, 302)`:  func() gateway.Option { return gateway.WithMapping(codes.NotFound, 302) },
		`WithMapping(NotFound, 600)`:  func() gateway.Option { return gateway.WithMapping(codes.NotFound, 600) },
		`WithMapping(NotFound, 0)`:    func() gateway.Option { return gateway.WithMapping(codes.NotFound, 0) },
		`WithObserver(nil)`:           func() gateway.Option { return gateway.WithObserver(nil) },
	} {
		t.Run(text, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "gateway: "+text) {
					t.Errorf("panicked with %q, want %q", got, "gateway: "+text)
				}
			}()
			option()
		})
	}
}

// TestNilOption says what is wrong, as the options do.
func TestNilOption(t *testing.T) {
	defer func() {
		if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "gateway: New was given a nil Option") {
			t.Errorf("panicked with %q", got)
		}
	}()
	gateway.New(nil)
}

// TestStatusesAreCopied lets the caller do with his slice what he likes.
func TestStatusesAreCopied(t *testing.T) {
	statuses := []int{418}
	option := gateway.WithExtraStatuses(statuses...)
	statuses[0] = 700
	service := &testkit.Service{}
	service.Behave(testkit.Fails(mapping.Errorf(418, "short and stout")))
	call{}.To(t, bridged(t, testkit.InProcess, service, gateway.New(option))).WantError(t, 418, "short and stout", "")
}

// TestBridgeTwice gives one option value to two muxes with different routes. Neither answers for the other.
func TestBridgeTwice(t *testing.T) {
	for _, transport := range testkit.Transports {
		bridge := gateway.New(gateway.WithChallenge("Basic"))
		service := &testkit.Service{}
		service.Behave(testkit.Fails(status.Error(codes.Unauthenticated, "who?")))
		first := testkit.Register(t, transport, service, bridge.NewServeMux())
		second := testkit.Register(t, transport, service, bridge.NewServeMux())
		if err := second.HandlePath("REPORT", "/v1/things/{id}", says("a report")); err != nil {
			t.Fatal(err)
		}
		for mux, want := range map[string]string{
			testkit.Serve(t, first): "DELETE, GET, PATCH, PUT", testkit.Serve(t, second): "DELETE, GET, PATCH, PUT, REPORT",
		} {
			r := call{Method: "OPTIONS"}.To(t, mux)
			r.WantError(t, 405, "", "")
			if got := r.Header.Get("Allow"); got != want {
				t.Errorf("%s: Allow is %q, want %q", transport, got, want)
			}
			if got := (call{}).To(t, mux).Header.Get("Www-Authenticate"); got != "Basic" {
				t.Errorf("%s: the challenge is %q", transport, got)
			}
		}
	}
}
