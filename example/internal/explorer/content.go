package explorer

import (
	"embed"
	"fmt"
	"net/http"
	"path"
	"strconv"
)

//go:embed page
var files embed.FS

// policy restricts the explorer to its own origin.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// contentTypes does not depend on the MIME tables of the machine.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// content returns the handlers of all files, by path.
func content(without string) (map[string]http.Handler, error) {
	index, err := renderIndex(without)
	if err != nil {
		return nil, fmt.Errorf("explorer: %w", err)
	}
	handlers := map[string]http.Handler{"/": static("text/html; charset=utf-8", index)}
	entries, err := files.ReadDir("page")
	if err != nil {
		return nil, fmt.Errorf("explorer: %w", err)
	}
	for _, entry := range entries {
		contentType, ok := contentTypes[path.Ext(entry.Name())]
		if !ok {
			continue // index.html is a template
		}
		file, err := files.ReadFile("page/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("explorer: %w", err)
		}
		handlers[Prefix+entry.Name()] = static(contentType, file)
	}
	return handlers, nil
}

// static serves a file to GET and HEAD.
func static(contentType string, file []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			notAllowed(w, r, "GET, HEAD")
			return
		}
		header := w.Header()
		header.Set("Content-Type", contentType)
		header.Set("Content-Length", strconv.Itoa(len(file)))
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-cache")
		_, _ = w.Write(file) // fails if the client has left
	}
}
