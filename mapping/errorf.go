package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// Errorf returns an error with an HTTP status and the formatted text as its message. The status must be 400..599.
// For any other status the result is a 500, and its cause names the mistake.
//
// As in fmt.Errorf, %w wraps an error for errors.Is and errors.As. Unlike in fmt.Errorf, the text of a wrapped error is
// not a part of the message. It appears in logs and is never sent. The separator next to it is removed too:
//
//	mapping.Errorf(503, "the store cannot be reached: %w", err)
//
// sends "the store cannot be reached".
func Errorf(httpStatus int, format string, args ...any) *Error {
	full := fmt.Errorf(format, args...)
	e := &Error{HTTPStatus: httpStatus, Message: full.Error(), cause: wrappedBy(full)}
	if e.cause != nil {
		e.Message, e.hidesCause = withoutWrapped(e.Message, format, args), true
	}
	if !contract.IsError(httpStatus) {
		e.HTTPStatus = e.effectiveStatus()
		e.cause = withMistake(notAnError(httpStatus), e.cause)
	}
	return e
}

func notAnError(httpStatus int) error {
	return fmt.Errorf("mapping: %d is not the status of an error, which is 400..599", httpStatus)
}

// wrappedBy returns the cause in an error of fmt.Errorf: the wrapped error, the error itself if it wraps several, or
// nil.
func wrappedBy(full error) error {
	if _, several := full.(interface{ Unwrap() []error }); several {
		return full
	}
	return errors.Unwrap(full)
}

// argument stands for an error among the arguments. It prints the error, or a mark in its place.
type argument struct {
	error
	mark string
}

// Format prints the mark under every verb, so that the text of a wrapped error is not sent.
func (a *argument) Format(state fmt.State, verb rune) {
	if a.mark != "" {
		_, _ = state.Write([]byte(a.mark))
		return
	}
	_, _ = fmt.Fprintf(state, fmt.FormatString(state, verb), a.error)
}

// withoutWrapped formats again, with a mark for each wrapped error, and removes the marks. text is what fmt.Errorf
// printed.
func withoutWrapped(text, format string, args []any) string {
	shown := slices.Clone(args)
	for i, arg := range args {
		if err, ok := arg.(error); ok {
			shown[i] = &argument{error: err}
		}
	}
	mark := unusedMark(text)
	hidden := slices.Clone(args)
	for _, wrapped := range argumentsIn(fmt.Errorf(format, shown...)) {
		wrapped.mark = mark
		hidden[slices.Index(shown, any(wrapped))] = wrapped
	}
	return removeMarks(fmt.Errorf(format, hidden...).Error(), mark)
}

// argumentsIn returns the arguments that an error of fmt.Errorf wraps.
func argumentsIn(full error) []*argument {
	wrapped := []error{errors.Unwrap(full)}
	if several, ok := full.(interface{ Unwrap() []error }); ok {
		wrapped = several.Unwrap()
	}
	var found []*argument
	for _, err := range wrapped {
		if a, ok := err.(*argument); ok { //nolint:errorlint // the wrapped value itself, not its chain
			found = append(found, a)
		}
	}
	return found
}

// unusedMark returns a text that does not occur in another one, also together with text before and after it.
func unusedMark(text string) string {
	for n := 0; ; n++ {
		if mark := fmt.Sprintf("\x00%d\x01", n); !strings.Contains(text, mark) {
			return mark
		}
	}
}

// separators are the characters that people write between a message and a cause.
const separators = ":;,- \t\n"

// removeMarks removes the marks from a text, with the separators before each, with parentheses around it, and at the
// start of the text with the separators after it.
func removeMarks(text, mark string) string {
	var out strings.Builder
	before, rest, found := strings.Cut(text, mark)
	for found {
		before = strings.TrimRight(before, separators)
		if strings.HasSuffix(before, "(") && strings.HasPrefix(rest, ")") {
			before, rest = strings.TrimRight(before[:len(before)-1], separators), rest[1:]
		}
		out.WriteString(before)
		if out.Len() == 0 {
			rest = strings.TrimLeft(rest, separators)
		}
		before, rest, found = strings.Cut(rest, mark)
	}
	out.WriteString(before)
	return out.String()
}
