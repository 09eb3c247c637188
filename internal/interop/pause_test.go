package interop

import "time"

// pause waits a little for something that happens in another process or goroutine. Callers bound their loops.
func pause() { time.Sleep(20 * time.Millisecond) }
