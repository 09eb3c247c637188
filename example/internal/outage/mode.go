package outage

import "fmt"

// Mode is how a server behaves.
type Mode string

// The modes.
const (
	// Running answers as it should.
	Running Mode = "running"
	// Down listens no more: connections are refused.
	Down Mode = "down"
	// Hang takes connections, and never says a word.
	Hang Mode = "hang"
	// Rubbish has something else listening in its place: a web server with its welcome page.
	Rubbish Mode = "rubbish"
)

// ParseMode reads the name of a mode.
func ParseMode(name string) (Mode, error) {
	switch mode := Mode(name); mode {
	case Running, Down, Hang, Rubbish:
		return mode, nil
	}
	return "", fmt.Errorf("outage: unknown mode %q: want %s, %s, %s or %s", name, Running, Down, Hang, Rubbish)
}
