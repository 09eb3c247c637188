package contract_test

import (
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
)

// FuzzTextDetail compares ErrorInfo, RequestInfo and LocalizedMessage with the generated types.
func FuzzTextDetail(f *testing.F) {
	for _, seed := range []proto.Message{
		&errdetails.ErrorInfo{Reason: "R", Domain: "d", Metadata: map[string]string{"a": "b"}},
		&errdetails.RequestInfo{RequestId: "7", ServingData: "secret"},
		&errdetails.LocalizedMessage{Locale: "de", Message: "belegt"},
	} {
		value, err := proto.Marshal(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(value)
	}
	f.Add([]byte("\x0a\x01\xff"))          // not UTF-8
	f.Add([]byte("\x12\x01a\x12\x00"))     // the same field twice
	f.Add([]byte("\x0a\x01a\x1a\x01\xff")) // a text, and a field that is not UTF-8
	f.Fuzz(func(t *testing.T, value []byte) {
		info := &errdetails.ErrorInfo{}
		if proto.Unmarshal(value, info) == nil {
			r := readDetail("google.rpc.ErrorInfo", value)
			if r.Reason != info.GetReason() || r.Domain != info.GetDomain() {
				t.Errorf("read %q %q, want %v", r.Reason, r.Domain, info)
			}
		}
		request := &errdetails.RequestInfo{}
		if proto.Unmarshal(value, request) == nil {
			if r := readDetail("google.rpc.RequestInfo", value); r.RequestID != request.GetRequestId() {
				t.Errorf("read %q, want %v", r.RequestID, request)
			}
		}
		localized := &errdetails.LocalizedMessage{}
		if proto.Unmarshal(value, localized) == nil {
			if r := readDetail("google.rpc.LocalizedMessage", value); r.ClientText != localized.GetMessage() {
				t.Errorf("read %q, want %v", r.ClientText, localized)
			}
		}
	})
}
