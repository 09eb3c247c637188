package mapping

import (
	"cmp"
	"encoding/base64"
	"slices"
	"sort"
	"unicode/utf8"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

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

// fit returns a status that fits the budget. It drops details of other types, largest first, and then cuts the longest
// texts. Before a detail is dropped, its text for clients is moved into our own detail.
func (c encoding) fit() *status.Status {
	if c.isShort() || c.trailerSize() <= trailerBudget {
		return c.status()
	}
	c.dropDetails()
	if c.trailerSize() > trailerBudget {
		c.sendMessageOnce()
	}
	if c.trailerSize() <= trailerBudget {
		return c.status()
	}
	// The greatest common length that fits: cutting all texts to it cuts the longest first.
	length := sort.Search(trailerBudget, func(length int) bool {
		return c.cut(length+1).trailerSize() > trailerBudget
	})
	return c.cut(length).status()
}

// isShort reports whether the status fits however its texts are encoded. Most errors are short. If their exact size was
// computed too, BenchmarkServiceError in bench would show it.
func (c *encoding) isShort() bool {
	return len(c.others) == 0 && len(c.message)+len(c.own.Message)+len(c.own.Details) <= trailerBudget/8
}

// dropDetails drops details of other types, largest first, until the status fits or few small ones are left.
func (c *encoding) dropDetails() {
	order := make([]int, len(c.others))
	sizes := make([]int, len(c.others))
	total := 0
	for i, detail := range c.others {
		order[i], sizes[i] = i, proto.Size(detail)
		total += contract.FieldSize(sizes[i])
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sizes[b], sizes[a]) })
	message := percentEncodedSize(c.message)
	dropped := make([]bool, len(c.others))
	drop := func(i int) {
		dropped[i], total = true, total-contract.FieldSize(sizes[i])
	}
	for _, i := range order {
		if total <= smallDetails || message+c.detailsSize(total) <= trailerBudget {
			break
		}
		if dropped[i] {
			continue
		}
		drop(i)
		if !hasText(c.others[i]) {
			continue
		}
		// The texts stay in their order, so all details with a text become text together.
		for j, detail := range c.others {
			if !dropped[j] && hasText(detail) {
				drop(j)
			}
		}
		c.moveTexts()
	}
	var kept []*anypb.Any
	for i, detail := range c.others {
		if !dropped[i] {
			kept = append(kept, detail)
		}
	}
	c.others = kept
}

func hasText(detail *anypb.Any) bool {
	return contract.HasText(detail.GetTypeUrl()) || contract.IsLocalizedMessage(detail.GetTypeUrl())
}

// moveTexts writes the texts that clients read of other details into our own detail.
func (c *encoding) moveTexts() {
	r := contract.Read(c.status().Err())
	message, details := r.ClientText, r.Details(c.httpStatus)
	if message != c.own.Message || details != c.own.Details {
		c.own = contract.ErrorDetail{Code: int32(c.httpStatus), Message: message, Details: details}
		c.hasOwn = true
	}
}

// sendMessageOnce moves the message into our detail, where it takes less room. gRPC callers still read its beginning in
// the status. The message of a 5xx stays where it is, unless it is for clients.
func (c *encoding) sendMessageOnce() {
	if !c.hasOwn {
		// Base64 makes a text longer by a third. grpc-message triples each '%' and each byte that is not ASCII.
		if c.httpStatus >= 500 || 2*percentEncodedSize(c.message) < 3*len(c.message) {
			return
		}
		c.own, c.hasOwn = contract.ErrorDetail{Code: int32(c.httpStatus)}, true
	}
	if c.own.Message == "" && c.httpStatus < 500 {
		c.own.Message = c.message
	}
	if c.own.Message == c.message {
		c.message = contract.Cut(c.message, shortMessage)
	}
}

// trailerSize returns what the status takes in trailers (gRPC over HTTP/2, section "Responses").
func (c *encoding) trailerSize() int {
	others := 0
	for _, detail := range c.others {
		others += contract.FieldSize(proto.Size(detail))
	}
	return percentEncodedSize(c.message) + c.detailsSize(others)
}

// detailsSize returns what grpc-status-details-bin takes: the whole status in base64, if it has details. others is the
// wire size of the details of other types.
func (c *encoding) detailsSize(others int) int {
	if !c.hasOwn && others == 0 {
		return 0
	}
	size := others
	size += protowire.SizeTag(1) + protowire.SizeVarint(uint64(int32(c.code)))
	size += contract.FieldSize(len(c.message))
	if c.hasOwn {
		size += contract.FieldSize(c.own.Size())
	}
	return base64.RawStdEncoding.EncodedLen(size)
}

// percentEncodedSize returns what grpc-message takes.
func percentEncodedSize(message string) int {
	size := len(message)
	for i := range len(message) {
		if c := message[i]; c < ' ' || c > '~' || c == '%' {
			size += len("%00") - 1
		}
	}
	return size
}

// fits reports whether a status can be sent unchanged: in the budget, and in UTF-8. grpc-go drops the details of a
// status that is not UTF-8.
func fits(st *status.Status) bool {
	size := percentEncodedSize(st.Message())
	if p := st.Proto(); len(p.GetDetails()) > 0 {
		size += base64.RawStdEncoding.EncodedLen(proto.Size(p))
	}
	return size <= trailerBudget && utf8.ValidString(st.Message())
}
