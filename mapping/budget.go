package mapping

import (
	"cmp"
	"encoding/base64"
	"slices"
	"sort"
	"unicode/utf8"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/contract"
)

const (
	// trailerBudget bounds the trailers grpc-message and grpc-status-details-bin together, in bytes on the wire.
	// Proxies and HTTP/2 stacks commonly allow 8 KiB of headers. Beyond a client's limit the whole status is lost.
	trailerBudget = 4 << 10
	// smallDetails is how many bytes of other details stay although a text is cut. A RetryInfo takes half of them.
	smallDetails = 128
	// shortMessage is how much of the message gRPC callers read, in bytes, if the whole text is in the detail only.
	shortMessage = 100
)

// fit shrinks a status to the budget. It drops details of other types, largest first, and then cuts the longest texts.
// Before a detail is dropped, its text for clients is moved into our own detail.
func (c encoding) fit() *status.Status {
	st := c.status(trailerBudget)
	if trailerSize(st) <= trailerBudget {
		return status.FromProto(st)
	}
	c.dropDetails()
	if st = c.status(trailerBudget); trailerSize(st) > trailerBudget {
		c.sendMessageOnce()
		st = c.status(trailerBudget)
	}
	if trailerSize(st) > trailerBudget {
		// The greatest common length that fits: cutting all texts to it cuts the longest first.
		st = c.status(sort.Search(trailerBudget, func(length int) bool {
			return trailerSize(c.status(length+1)) > trailerBudget
		}))
	}
	return status.FromProto(st)
}

// dropDetails drops details of other types, largest first, until the status fits or few small ones are left.
func (c *encoding) dropDetails() {
	order := make([]int, len(c.carried))
	sizes := make([]int, len(c.carried))
	total := 0
	for i, detail := range c.carried {
		order[i], sizes[i] = i, wireSize(detail)
		total += sizes[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sizes[b], sizes[a]) })
	dropped := make([]bool, len(c.carried))
	texts := (&encoding{code: c.code, message: c.message, detail: c.detail}).status(trailerBudget)
	for _, i := range order {
		if total <= smallDetails || sizeWith(texts, total) <= trailerBudget {
			break
		}
		if dropped[i] {
			continue
		}
		dropped[i], total = true, total-sizes[i]
		if !hasText(c.carried[i]) {
			continue
		}
		// The texts stay in their order, so all details with a text become text together.
		for j, detail := range c.carried {
			if !dropped[j] && hasText(detail) {
				dropped[j], total = true, total-sizes[j]
			}
		}
		c.moveTexts()
		texts = (&encoding{code: c.code, message: c.message, detail: c.detail}).status(trailerBudget)
	}
	kept := c.carried[:0:0]
	for i, detail := range c.carried {
		if !dropped[i] {
			kept = append(kept, detail)
		}
	}
	c.carried = kept
}

func hasText(detail *anypb.Any) bool {
	return contract.HasText(detail.GetTypeUrl()) || contract.IsLocalizedMessage(detail.GetTypeUrl())
}

// moveTexts writes the texts that clients read of other details into our own detail.
func (c *encoding) moveTexts() {
	r := contract.Read(status.FromProto(c.status(len(c.message) + trailerBudget)).Err())
	message, details := r.ClientText, r.Details(c.httpStatus)
	if message == c.detail.GetMessage() && details == c.detail.GetDetails() {
		return
	}
	c.detail = &statusbridgev1.Error{Code: int32(c.httpStatus), Message: message, Details: details}
}

// sendMessageOnce removes the message from the status if our detail has it as well. gRPC callers still read its
// beginning there.
func (c *encoding) sendMessageOnce() {
	if c.detail == nil {
		return
	}
	if c.detail.GetMessage() == "" && c.httpStatus < 500 {
		c.detail = &statusbridgev1.Error{Code: c.detail.GetCode(), Message: c.message, Details: c.detail.GetDetails()}
	}
	if c.detail.GetMessage() == c.message {
		c.message = contract.Cut(c.message, shortMessage)
	}
}

// wireSize returns what a detail takes in a status on the wire: its tag, its length and itself.
func wireSize(detail *anypb.Any) int {
	return protowire.SizeTag(3) + protowire.SizeBytes(proto.Size(detail))
}

// trailerSize returns what a status takes in trailers (gRPC over HTTP/2, section "Responses").
func trailerSize(st *spb.Status) int {
	return sizeWith(st, 0)
}

// sizeWith is trailerSize with more bytes of details. The message is percent-encoded. A status with details is sent
// whole once more, in base64.
func sizeWith(st *spb.Status, more int) int {
	size := 0
	for i := range len(st.GetMessage()) {
		if c := st.GetMessage()[i]; c < ' ' || c > '~' || c == '%' {
			size += 2
		}
		size++
	}
	if len(st.GetDetails()) > 0 || more > 0 {
		size += base64.RawStdEncoding.EncodedLen(proto.Size(st) + more)
	}
	return size
}

// fits reports whether a status can be sent as it is: in the budget, and in UTF-8. grpc-go drops the details of a
// status that is not UTF-8.
func fits(st *status.Status) bool {
	return utf8.ValidString(st.Message()) && trailerSize(st.Proto()) <= trailerBudget
}
