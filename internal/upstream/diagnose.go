package upstream

import (
	"context"
	"errors"
	"net/http"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// Diagnose says who caused an error. Reading is the content of the error, and source is where it was handed over.
// localReply recognises a reply that a proxy made itself, by its metadata. It may be nil.
//
// The evidence of [DialOptions] decides if there is some. Without evidence, the metadata that grpc-gateway knows
// decides, and after it grpc-go's texts.
func Diagnose(
	err error, reading *contract.Reading, source Source, localReply func(header, trailer metadata.MD) bool,
) Diagnosis {
	f := &failure{Reading: reading, localReply: localReply}
	if source.place == inProcess {
		return f.ofService()
	}
	if reading.Status != nil {
		// The status is a call's if the call's error is the one that it was read of, and not a cause of that error.
		if e, ok := contract.FindCarrier(err).(*callError); ok {
			return f.byEvidence(e)
		}
		if _, ok := errors.AsType[*callError](err); ok {
			return byGateway
		}
	}
	switch source.place {
	case ownCode, proxied:
		return f.ofOwnCode(err, source)
	case router:
		return f.ofRouter()
	}
	if reading.Status == nil {
		return byGateway
	}
	return f.bySource(source)
}

// isTooLarge reports whether the body of the request was longer than an http.MaxBytesReader allows.
func isTooLarge(err error) bool {
	_, ok := errors.AsType[*http.MaxBytesError](err)
	return ok
}

// failure is an error under diagnosis.
type failure struct {
	*contract.Reading
	localReply func(header, trailer metadata.MD) bool
}

// ofService judges the error of a service in this process, or grpc-gateway's refusal to call it.
func (f *failure) ofService() Diagnosis {
	if _, refused := plainRefusal(f.Text); refused {
		return byRequest
	}
	return byBackend
}

// ofOwnCode judges an error without a call. The error may tell why a request to another server failed.
func (f *failure) ofOwnCode(err error, source Source) Diagnosis {
	if f.Status != nil {
		return byGateway
	}
	if isTooLarge(err) {
		return tooLarge
	}
	if source.place == proxied {
		return ofRoundTrip(err, f.Reading)
	}
	return byGateway
}

// ofRouter judges an error that grpc-gateway made before it knew the method.
func (f *failure) ofRouter() Diagnosis {
	if f.HTTPStatus() < http.StatusInternalServerError {
		return byRequest
	}
	return byGateway
}

// byEvidence judges the error of a call over a connection with [DialOptions].
func (f *failure) byEvidence(e *callError) Diagnosis {
	seen := e.seen
	switch {
	case seen.has(interrupted):
		return byGateway
	case !seen.has(begun):
		return f.unbegun(seen)
	case seen.has(trailerSeen) && f.isLocalReply(e.header, e.trailer):
		return inTime(f.byProxy(), seen.has(overdue))
	case f.Detailed:
		return byBackend // no client of gRPC makes details
	}
	if d, ok := f.recognise(momentOf(seen), seen.has(overdue)); ok {
		return d
	}
	switch {
	case seen.has(trailerSeen | headerSeen | statusAlone):
		return byBackend
	case seen.has(trailerSeen):
		return f.ofReply()
	case f.isOfConnection():
		return inTime(failed, seen.has(overdue))
	case !seen.has(headerSent):
		return inTime(down, seen.has(overdue))
	default:
		return inTime(invalid, seen.has(overdue))
	}
}

// unbegun judges a call that failed before its first attempt: metadata was refused, the connection was closed, or the
// deadline had passed. Any other status is an interceptor's.
func (f *failure) unbegun(seen evidence) Diagnosis {
	if d, ok := f.recognise(unsent, seen.has(overdue)); ok {
		return d
	}
	if f.isOfConnection() {
		return inTime(failed, seen.has(overdue))
	}
	return byGateway
}

// bySource judges the error of a call without evidence.
func (f *failure) bySource(s Source) Diagnosis {
	if s.place == unaryTrailer && f.isLocalReply(s.header, s.trailer) {
		return inTime(f.byProxy(), isOverdue(s.ctx, time.Now()))
	}
	if f.Detailed {
		return byBackend // or an interceptor; no client of gRPC makes details
	}
	late := isOverdue(s.ctx, time.Now())
	left := errors.Is(s.ctx.Err(), context.Canceled)
	if f.Code == codes.DeadlineExceeded && late || f.Code == codes.Canceled && left {
		return failed
	}
	if d, ok := f.recognise(momentAt(s), late); ok {
		return d
	}
	switch s.place {
	case unaryNothing:
		return inTime(f.ofConnection(), late)
	case uncalled:
		return f.ofClient()
	}
	return f.ofReply()
}

// recognise judges a status by its text. A message that cannot be read is invalid, even if the call was late.
func (f *failure) recognise(at moment, late bool) (Diagnosis, bool) {
	p, ok := f.match(at)
	if p.when&lost != 0 {
		return p.diagnosis, true
	}
	return inTime(p.diagnosis, late), ok
}

// ofClient judges a status of a call that no connection took. If its text has a shape of grpc-gateway's texts,
// grpc-gateway refused the request. Otherwise the client is a channel in process, whose statuses are the service's. The
// texts of a connection that was not ready have been recognised before, except for that of package net.
func (f *failure) ofClient() Diagnosis {
	if _, refused := plainRefusal(f.Text); refused && f.Code == codes.InvalidArgument {
		return byRequest
	}
	if f.Code == codes.Unavailable && matches(f.Text, "write *: ") {
		return failed
	}
	return byBackend
}

// ofConnection judges a status without any metadata. Every reply of gRPC has metadata, so a connection made the status.
func (f *failure) ofConnection() Diagnosis {
	if f.isOfConnection() {
		return failed
	}
	switch f.Code {
	case codes.Internal, codes.Unknown:
		return invalid
	}
	return byGateway // an interceptor translated it
}

// isOfConnection reports whether grpc-go gives the code to calls that were lost, late or cancelled.
func (f *failure) isOfConnection() bool {
	switch f.Code {
	case codes.Canceled, codes.DeadlineExceeded, codes.Unavailable:
		return true
	}
	return false
}

// ofReply judges a status that the backend sent or omitted: grpc-go turns a reply without a status into an Unknown
// without a text.
func (f *failure) ofReply() Diagnosis {
	if f.Code == codes.Unknown && f.Text == "" {
		return invalid
	}
	return byBackend
}

// inTime returns the diagnosis of a call that was cut off, or [slow] if its deadline explains the cut.
func inTime(d Diagnosis, late bool) Diagnosis {
	if late && d.Origin == Upstream {
		return slow
	}
	return d
}
