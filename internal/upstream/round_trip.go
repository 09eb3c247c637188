package upstream

import (
	"errors"
	"io"

	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// ofRoundTrip judges an error of net/http's client, which got no response. The server was not reached, was too slow, or
// did not speak HTTP.
func ofRoundTrip(err error, reading *contract.Reading) Diagnosis {
	switch reading.Code {
	case codes.DeadlineExceeded:
		return slow
	case codes.Unavailable, codes.Canceled:
		return down
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || isClosedIdle(err) {
		return down
	}
	return invalid
}

// isClosedIdle reports whether the server closed the connection before it received the request. net/http does not
// export this error. TestOutgoingToClosedConnection provokes it.
func isClosedIdle(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if err.Error() == "http: server closed idle connection" {
			return true
		}
	}
	return false
}
