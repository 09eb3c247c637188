package interop

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/statusbridge/statusbridge/gateway"
)

// TestWebSocket upgrades a connection in a handler of the mux, also inside Handler and inside each router.
func TestWebSocket(t *testing.T) {
	bridge := gateway.New()
	m := newMux(t, bridge)
	upgrader := websocket.Upgrader{}
	echoes := func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		kind, text, err := conn.ReadMessage()
		if err == nil {
			_ = conn.WriteMessage(kind, text)
		}
	}
	if err := m.HandlePath(http.MethodGet, "/ws", echoes); err != nil {
		t.Fatal(err)
	}
	hosts := map[string]http.Handler{"mux": m, "Handler": bridge.Handler(m)}
	for _, router := range routers {
		hosts["Handler, "+router.name] = bridge.Handler(router.of(m))
	}
	for name, h := range hosts {
		t.Run(name, func(t *testing.T) {
			url := serve(t, h)
			conn, response, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(url, "http")+"/ws", nil)
			if err != nil {
				t.Fatalf("%v: %v", err, response)
			}
			defer func() { _ = conn.Close() }()
			defer response.Body.Close()
			if response.StatusCode != http.StatusSwitchingProtocols {
				t.Errorf("status %d", response.StatusCode)
			}
			if err := conn.WriteMessage(websocket.TextMessage, []byte("hello")); err != nil {
				t.Fatal(err)
			}
			if _, text, err := conn.ReadMessage(); err != nil || string(text) != "hello" {
				t.Errorf("%q, %v", text, err)
			}
			if name == "mux" {
				return
			}
			// gorilla refuses other requests with a 400 of its text, and Handler sends the documented body.
			check(t, newCaller(t).get(t, url+"/ws"), http.StatusBadRequest)
		})
	}
}
