package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Errorf returns an error that reaches the client under the HTTP status httpStatus (400..599, see
// [Error.HTTPStatus]), with the formatted text as its message.
//
// As with fmt.Errorf, %w wraps an error for errors.Is and errors.As. Unlike there, the text of a wrapped error is
// not part of the message: it goes to logs, never to the client. A separator left beside it goes with it, so that
//
//	mapping.Errorf(503, "the store cannot be reached: %w", err)
//
// reads "the store cannot be reached" outside.
func Errorf(httpStatus int, format string, args ...any) *Error {
	full := fmt.Errorf(format, args...)
	cause := errors.Unwrap(full)
	if cause == nil {
		if _, several := full.(interface{ Unwrap() []error }); several {
			cause = full
		}
	}
	message := full.Error()
	if cause != nil {
		message = withoutWrapped(format, args)
	}
	return &Error{HTTPStatus: httpStatus, Message: message, cause: cause, explicit: cause != nil}
}

// silent is the verb that %w is rewritten to: a private-use character, which no format uses.
const silent = '\uE000'

// withheld is an error argument that prints nothing under the silent verb, and itself under any other.
type withheld struct{ error }

func (w withheld) Format(state fmt.State, verb rune) {
	if verb != silent {
		_, _ = fmt.Fprintf(state, fmt.FormatString(state, verb), w.error)
	}
}

// withoutWrapped formats as fmt.Errorf does, with every %w printing nothing.
func withoutWrapped(format string, args []any) string {
	format, wrapped := silenceWrapping(format)
	shown := slices.Clone(args)
	for _, i := range wrapped {
		if i < len(args) {
			if err, ok := args[i].(error); ok {
				shown[i] = withheld{err}
			}
		}
	}
	return fmt.Sprintf(format, shown...)
}

// separators are what authors put between a message and a cause.
const separators = ":;,- \t\n"

// silenceWrapping turns each %w of a format into the silent verb and returns which arguments these verbs print. It
// drops what would be left beside them: a separator before, or at the start of the text after, and parentheses
// around.
func silenceWrapping(format string) (silenced string, wrapped []int) {
	var out strings.Builder
	visible := false
	next := 0 // the argument that the next verb prints, counted as package fmt does
	for {
		start := strings.IndexByte(format, '%')
		if start < 0 {
			break
		}
		end := start + 1
		end, next = skipFlags(format, end, next)
		verb, size := utf8.DecodeRuneInString(format[end:])
		text, directive, rest := format[:start], format[start:end], format[end+size:]
		spelled := format[end : end+size] // nothing, if the format ends here
		format = rest
		if verb != 'w' {
			visible = true
			out.WriteString(text + directive + spelled)
			if verb != '%' {
				next++
			}
			continue
		}
		wrapped = append(wrapped, next)
		next++
		text = strings.TrimRight(text, separators)
		if strings.HasSuffix(text, "(") && strings.HasPrefix(rest, ")") {
			text, format = strings.TrimRight(text[:len(text)-1], separators), rest[1:]
		}
		visible = visible || text != ""
		if !visible {
			format = strings.TrimLeft(format, separators)
		}
		out.WriteString(text + directive + string(silent))
	}
	out.WriteString(format)
	return out.String(), wrapped
}

// skipFlags passes over the flags, width, precision and argument index of a verb, which may move on the argument
// that it prints.
func skipFlags(format string, pos, next int) (int, int) {
	for ; pos < len(format); pos++ {
		switch c := format[pos]; {
		case c == '*':
			next++
		case c == '[':
			if length := strings.IndexByte(format[pos:], ']'); length > 0 {
				if index, err := strconv.Atoi(format[pos+1 : pos+length]); err == nil && index > 0 {
					next = index - 1
				}
				pos += length
			}
		case strings.IndexByte("+-# 0123456789.", c) < 0:
			return pos, next
		}
	}
	return pos, next
}
