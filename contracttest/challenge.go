package contracttest

import "strings"

// isChallenge reports whether a value is a list of challenges by RFC 9110 section 11.6.1: schemes, each followed by
// nothing, by a token68, or by parameters.
func isChallenge(value string) bool {
	schemes := 0
	for _, element := range splitQuoted(value) {
		element = strings.TrimSpace(element)
		if element == "" {
			continue
		}
		scheme, rest, spaced := strings.Cut(element, " ")
		rest = strings.TrimLeft(rest, " ")
		switch {
		case isToken(scheme) && !spaced:
			schemes++
		case isToken(scheme) && (isParameter(rest) || isToken68(rest)):
			schemes++
		case schemes > 0 && isParameter(element):
		default:
			return false
		}
	}
	return schemes > 0
}

// splitQuoted splits at commas outside of quoted strings.
func splitQuoted(value string) []string {
	var elements []string
	start, quoted := 0, false
	for i := 0; i < len(value); i++ {
		switch {
		case quoted && value[i] == '\\':
			i++
		case value[i] == '"':
			quoted = !quoted
		case value[i] == ',' && !quoted:
			elements = append(elements, value[start:i])
			start = i + 1
		}
	}
	return append(elements, value[start:])
}

// isParameter reports whether a text is `name=token` or `name="quoted string"`.
func isParameter(text string) bool {
	name, value, ok := strings.Cut(text, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !ok || !isToken(name) {
		return false
	}
	if !strings.HasPrefix(value, `"`) {
		return isToken(value)
	}
	inner := strings.NewReplacer(`\\`, "", `\"`, "").Replace(value[1:])
	return strings.Count(inner, `"`) == 1 && strings.HasSuffix(inner, `"`)
}

func isToken68(text string) bool {
	trimmed := strings.TrimRight(text, "=")
	return trimmed != "" && strings.Trim(trimmed,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/") == ""
}
