package walkthrough

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Print writes the tour of the control plane at url as commands that any POSIX shell with curl and sed runs from
// top to bottom.
func Print(w io.Writer, url string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "URL=%s\n\n# The tokens of the administrator and of the viewer.\n", url)
	for _, credential := range Credentials {
		grant := Request{Method: http.MethodPost, Path: tokens, Body: grantBody(credential.Key.ClientID, credential.Key.Secret)}
		fmt.Fprintf(&b, "%s=$(%s |\n  sed -n 's/.*\"accessToken\": *\"\\([^\"]*\\)\".*/\\1/p')\n",
			credential.Token, command("curl -s", grant))
	}
	for _, step := range Steps() {
		fmt.Fprintf(&b, "\n# %d %s: %s.\n", step.Status, http.StatusText(step.Status), step.Why)
		for _, request := range step.Before {
			b.WriteString(command("curl -s", request) + "\n")
		}
		b.WriteString(command(`curl -si -w '\n'`, step.Request) + "\n")
		for _, request := range step.After {
			b.WriteString(command("curl -s", request) + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func grantBody(clientID, secret string) string {
	return fmt.Sprintf(`{"grantType":"client_credentials","clientId":%q,"clientSecret":%q}`, clientID, secret)
}

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
	if request.Token != NoToken {
		parts = append(parts, fmt.Sprintf(`-H "Authorization: Bearer $%s"`, request.Token))
	}
	if request.Body != "" {
		parts = append(parts, `-H 'Content-Type: application/json'`, "\\\n  -d '"+request.Body+"'")
	}
	return strings.Join(parts, " ")
}
