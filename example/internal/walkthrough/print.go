package walkthrough

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Print writes steps as commands for the control plane at url. They need curl and sed, and can be pasted into bash,
// dash, zsh and fish. Therefore they assign with export, and contain neither comments nor functions.
func Print(w io.Writer, url string, steps ...Step) error {
	var b strings.Builder
	b.WriteString(assign("$URL", url))
	if slices.ContainsFunc(steps, func(s Step) bool { return s.names(name) }) {
		b.WriteString(assign(name, "tour-$(date +%s)"))
	}
	for _, request := range opening(steps...) {
		b.WriteString(silent(request))
	}
	for _, step := range steps {
		fmt.Fprintf(&b, "\necho \"%s\"\n", step.title())
		for _, request := range step.Before {
			b.WriteString(silent(request))
		}
		b.WriteString(command(`curl -si -w '\n'`, step.Request) + "\n")
		for _, request := range step.After {
			b.WriteString(silent(request))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (s Step) title() string {
	if s.Status == 0 {
		return s.Why
	}
	return fmt.Sprintf("%d %s: %s", s.Status, http.StatusText(s.Status), s.Why)
}

func assign(variable, value string) string {
	return "export " + strings.TrimPrefix(variable, "$") + "=" + value + "\n"
}

// silent returns a command that prints nothing. It assigns what the request keeps of its response.
func silent(request Request) string {
	if !request.keeps() {
		return command("curl -sSf -o /dev/null", request) + "\n"
	}
	return assign(request.Kept.Variable, fmt.Sprintf("$(%s \\\n  | sed -n 's/.*\"%s\": *\"\\([^\"]*\\)\".*/\\1/p')",
		command("curl -sSf", request), request.Kept.Member))
}

var variable = regexp.MustCompile(`\$[A-Z]+`)

// command returns the request as one command. A test makes sure that its texts need no escaping.
func command(curl string, request Request) string {
	parts := []string{curl}
	method := http.MethodGet
	if request.Body != "" {
		method = http.MethodPost // the method of curl -d
	}
	if request.Method != method {
		parts = append(parts, "-X "+request.Method)
	}
	parts = append(parts, `"$URL`+request.Path+`"`)
	if request.Token != "" {
		parts = append(parts, fmt.Sprintf(`-H "Authorization: Bearer %s"`, request.Token))
	}
	if request.Timeout != "" {
		parts = append(parts, fmt.Sprintf(`-H "Grpc-Timeout: %s"`, request.Timeout))
	}
	if request.Body != "" {
		body := variable.ReplaceAllString(request.Body, `'"$0"'`)
		parts = append(parts, `-H 'Content-Type: application/json'`, "\\\n  -d '"+body+"'")
	}
	return strings.Join(parts, " ")
}
