package contract_test

import (
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// lists returns an empty message of each listed type, and the items of a message as name and text.
var lists = map[string]struct {
	message func() proto.Message
	items   func(proto.Message) [][2]string
}{
	"google.rpc.BadRequest": {
		func() proto.Message { return &errdetails.BadRequest{} },
		func(m proto.Message) (items [][2]string) {
			for _, v := range m.(*errdetails.BadRequest).GetFieldViolations() {
				text := v.GetDescription()
				if text == "" {
					text = v.GetLocalizedMessage().GetMessage()
				}
				if text == "" {
					text = v.GetReason()
				}
				items = append(items, [2]string{v.GetField(), text})
			}
			return items
		},
	},
	"google.rpc.PreconditionFailure": {
		func() proto.Message { return &errdetails.PreconditionFailure{} },
		func(m proto.Message) (items [][2]string) {
			for _, v := range m.(*errdetails.PreconditionFailure).GetViolations() {
				items = append(items, [2]string{v.GetSubject(), v.GetDescription()})
			}
			return items
		},
	},
	"google.rpc.QuotaFailure": {
		func() proto.Message { return &errdetails.QuotaFailure{} },
		func(m proto.Message) (items [][2]string) {
			for _, v := range m.(*errdetails.QuotaFailure).GetViolations() {
				items = append(items, [2]string{v.GetSubject(), v.GetDescription()})
			}
			return items
		},
	},
	"google.rpc.ResourceInfo": {
		func() proto.Message { return &errdetails.ResourceInfo{} },
		func(m proto.Message) [][2]string {
			r := m.(*errdetails.ResourceInfo)
			return [][2]string{{r.GetResourceName(), r.GetDescription()}}
		},
	},
	"google.rpc.Help": {
		func() proto.Message { return &errdetails.Help{} },
		func(m proto.Message) (items [][2]string) {
			for _, link := range m.(*errdetails.Help).GetLinks() {
				items = append(items, [2]string{link.GetDescription(), link.GetUrl()})
			}
			return items
		},
	},
}

// itemsText returns the details text of items.
func itemsText(items [][2]string) string {
	text := ""
	for _, item := range items {
		text = joined(text, "; ", joined(item[0], ": ", item[1]))
	}
	return text
}

// joined joins two texts, of which either may be empty.
func joined(a, separator, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + separator + b
}

// isDetails reports whether a text is the wanted one. If that is too long, the text must be its beginning with a mark.
func isDetails(got, want string) bool {
	if len(want) <= contract.DetailsLimit {
		return got == want
	}
	return len(got) <= contract.DetailsLimit && isMarkedPrefix(got, want)
}

// FuzzListedDetail compares the text of each detail type with that of the generated type, if that type accepts the
// input.
func FuzzListedDetail(f *testing.F) {
	for _, seed := range []proto.Message{
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "name"}, {}, {Description: "text"}, {Field: "a", Description: "b", Reason: "R"},
			{Field: "c", Reason: "R"},
			{Field: "d", Reason: "R", LocalizedMessage: &errdetails.LocalizedMessage{Locale: "de", Message: "leer"}},
		}},
		&errdetails.PreconditionFailure{Violations: []*errdetails.PreconditionFailure_Violation{
			{Type: "T", Subject: "s", Description: "d"},
		}},
		&errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{
			{Subject: "s", Description: "d"}, {Subject: "t"},
		}},
		&errdetails.ResourceInfo{ResourceType: "t", ResourceName: "n", Owner: "o", Description: "d"},
		&errdetails.Help{Links: []*errdetails.Help_Link{{Description: "d", Url: "https://example.com"}}},
	} {
		value, err := proto.Marshal(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(value)
	}
	f.Add([]byte("\x4a\x01\xff\x0a\x03\x0a\x01a"))         // an unknown field that is not UTF-8, and an item
	f.Add([]byte("\x0a\x06\x4a\x01\xff\x0a\x01a"))         // the same inside an item
	f.Add([]byte("\x0a\x03\x0a\x01a\x0a\x04\x0a\x01\xff")) // an item, and one that does not parse
	f.Fuzz(func(t *testing.T, value []byte) {
		for name, list := range lists {
			message := list.message()
			if proto.Unmarshal(value, message) != nil {
				continue // our reader ignores the fields that it does not need, so it may accept more
			}
			want := itemsText(list.items(message))
			r := readDetail(name, value)
			if got := r.Details(400); !isDetails(got, want) {
				t.Errorf("%s: read %q, want %q", name, got, want)
			}
			if hidden := r.Details(500); hidden != "" {
				t.Errorf("%s: a client reads %q under a 5xx", name, hidden)
			}
		}
	})
}
