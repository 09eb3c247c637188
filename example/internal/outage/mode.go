package outage

import "fmt"

// Mode is the behaviour of a server.
type Mode string

// The modes.
const (
	// Running is the normal behaviour.
	Running Mode = "running"
	// Down refuses connections.
	Down Mode = "down"
	// Hang accepts connections and sends nothing.
	Hang Mode = "hang"
	// Rubbish replaces the server by a web server that sends HTML.
	Rubbish Mode = "rubbish"
)

// ParseMode returns the mode with a name.
func ParseMode(name string) (Mode, error) {
	switch mode := Mode(name); mode {
	case Running, Down, Hang, Rubbish:
		return mode, nil
	}
	return "", fmt.Errorf("outage: unknown mode %q: want %s, %s, %s or %s", name, Running, Down, Hang, Rubbish)
}
