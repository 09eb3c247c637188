package walkthrough

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Print writes steps at the control plane at url as commands that any POSIX shell with curl and sed runs from top to
// bottom. What several steps prepare is written once, as a function.
func Print(w io.Writer, url string, steps ...Step) error {
	var b strings.Builder
	fmt.Fprintf(&b, "URL=%s\n", url)
	if slices.ContainsFunc(steps, func(s Step) bool { return s.names(name) }) {
		fmt.Fprintf(&b, "%s=tour-$(date +%%s)\n", shellName(name))
	}
	b.WriteString("\n# Whatever failed before works again, and the tokens are granted.\n")
	for _, request := range opening(steps...) {
		b.WriteString(aside(request))
	}
	var functions []Request
	for _, step := range steps {
		for _, request := range step.Before {
			if request.keeps() && !slices.Contains(functions, request) {
				functions = append(functions, request)
				fmt.Fprintf(&b, "%s() {\n%s}\n", function(request), aside(request))
			}
		}
	}
	for _, step := range steps {
		fmt.Fprintf(&b, "\n# %d %s: %s.\n", step.Status, http.StatusText(step.Status), step.Why)
		for _, request := range step.Before {
			if request.keeps() {
				b.WriteString(function(request) + "\n")
			} else {
				b.WriteString(aside(request))
			}
		}
		b.WriteString(command(`curl -si -w '\n'`, step.Request) + "\n")
		for _, request := range step.After {
			b.WriteString(aside(request))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// shellName is a variable as it is assigned to.
func shellName(variable string) string { return strings.TrimPrefix(variable, "$") }

// function is the name of the function that makes a request and keeps its answer.
func function(request Request) string {
	return "new_" + strings.ToLower(shellName(request.Kept.Variable))
}

// aside is a request that is not shown: its answer is kept, or only looked at when it is an error.
func aside(request Request) string {
	if !request.keeps() {
		return command("curl -sSf -o /dev/null", request) + "\n"
	}
	return fmt.Sprintf("%s=$(%s |\n  sed -n 's/.*\"%s\": *\"\\([^\"]*\\)\".*/\\1/p')\n",
		shellName(request.Kept.Variable), command("curl -sSf", request), request.Kept.Member)
}

var variable = regexp.MustCompile(`\$[A-Z]+`)

// command is the request as one command. What it quotes holds no quotes of its own: the tour is written that way,
// and a test makes sure.
func command(curl string, request Request) string {
	parts := []string{curl}
	// curl sends POST by itself when there is a body.
	implied := http.MethodGet
	if request.Body != "" {
		implied = http.MethodPost
	}
	if request.Method != implied {
		parts = append(parts, "-X "+request.Method)
	}
	parts = append(parts, `"$URL`+request.Path+`"`)
	if request.Token != "" {
		parts = append(parts, fmt.Sprintf(`-H "Authorization: Bearer %s"`, request.Token))
	}
	if request.Body != "" {
		// A variable stands between what is in single quotes.
		body := variable.ReplaceAllString(request.Body, `'"$0"'`)
		parts = append(parts, `-H 'Content-Type: application/json'`, "\\\n  -d '"+body+"'")
	}
	return strings.Join(parts, " ")
}
