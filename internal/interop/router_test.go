package interop

import (
	"io"
	"net/http"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	chimiddleware "github.com/go-chi/chi/v5/middleware"
	"github.com/gorilla/handlers"
	"github.com/gorilla/mux"
	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"

	"github.com/statusbridge/statusbridge/gateway"
)

// router puts a handler into a router of some library, with that library's recovery middleware.
type router struct {
	name string
	of   func(http.Handler) http.Handler
}

var routers = []router{
	{"net/http", func(h http.Handler) http.Handler {
		m := http.NewServeMux()
		m.Handle("/", h)
		return m
	}},
	{"gin NoRoute", func(h http.Handler) http.Handler {
		r := newGin()
		r.NoRoute(gin.WrapH(h)) // gin presets 404 here
		return r
	}},
	{"gin route", func(h http.Handler) http.Handler {
		r := newGin()
		r.Any("/*path", gin.WrapH(h))
		return r
	}},
	{"chi Mount", func(h http.Handler) http.Handler {
		r := chi.NewRouter()
		r.Use(chimiddleware.Recoverer)
		r.Mount("/", h)
		return r
	}},
	{"chi NotFound", func(h http.Handler) http.Handler {
		r := chi.NewRouter()
		r.Use(chimiddleware.Recoverer)
		r.NotFound(h.ServeHTTP)
		return r
	}},
	{"gorilla", func(h http.Handler) http.Handler {
		r := mux.NewRouter()
		r.PathPrefix("/").Handler(h)
		return handlers.RecoveryHandler(handlers.RecoveryLogger(discard{}))(r)
	}},
	{"gorilla NotFoundHandler", func(h http.Handler) http.Handler {
		r := mux.NewRouter()
		r.NotFoundHandler = h
		return handlers.RecoveryHandler(handlers.RecoveryLogger(discard{}))(r)
	}},
	{"echo", func(h http.Handler) http.Handler {
		e := echo.New()
		e.Logger.SetOutput(io.Discard)
		e.Use(echomiddleware.Recover())
		e.Any("/*", echo.WrapHandler(h))
		return e
	}},
}

func newGin() *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Use(gin.RecoveryWithWriter(io.Discard))
	return r
}

type discard struct{}

func (discard) Println(...any) {}

// TestRouter runs the mux inside each router, and Handler around that router.
func TestRouter(t *testing.T) {
	bridge := gateway.New()
	m := newMux(t, bridge)
	for _, router := range routers {
		for name, h := range map[string]http.Handler{
			"mux":     router.of(m),
			"Handler": bridge.Handler(router.of(m)),
		} {
			t.Run(router.name+"/"+name, func(t *testing.T) {
				url := serve(t, h)
				c := newCaller(t)
				for _, httpStatus := range documented {
					check(t, c.get(t, url+thingPath(httpStatus)), httpStatus)
				}
				check(t, c.get(t, url+"/v1/nowhere"), http.StatusNotFound)
				refused := c.send(t, http.MethodPost, url+thingPath(200), nil)
				check(t, refused, http.StatusMethodNotAllowed)
				if allow := refused.header.Get("Allow"); allow != "DELETE, GET, PATCH, PUT" {
					t.Errorf("Allow: %q", allow)
				}
				check(t, c.get(t, url+watchPath(409)), http.StatusConflict)
				if r := c.get(t, url+watchPath(2200)); r.status != http.StatusOK || r.err != nil {
					t.Errorf("a stream: %v", r)
				}
				r := c.get(t, url+exportPath(2200))
				if r.status != http.StatusOK || string(r.body) != string(export(2)) {
					t.Errorf("a download: %v", r)
				}
			})
		}
	}
}

// TestRouterRecovery shows that recovery middleware inside Handler cannot make an aborted download look complete.
func TestRouterRecovery(t *testing.T) {
	bridge := gateway.New()
	m := newMux(t, bridge)
	for _, router := range routers {
		t.Run(router.name, func(t *testing.T) {
			url := serve(t, bridge.Handler(router.of(m)))
			c := newCaller(t)
			if r := c.get(t, url+exportPath(2409)); r.status != http.StatusOK || r.err == nil {
				t.Errorf("a download that fails after two messages: %v", r)
			}
			check(t, c.get(t, url+thingPath(200)), http.StatusOK)
		})
	}
}

// TestRouterWriteError shows that WriteError after a part of the response breaks it, inside any writer of a router.
func TestRouterWriteError(t *testing.T) {
	bridge := gateway.New()
	for _, router := range routers {
		t.Run(router.name, func(t *testing.T) {
			url := serve(t, bridge.Handler(router.of(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/late" {
					_, _ = io.WriteString(w, "part")
				}
				bridge.WriteError(w, r, respond(r.Context(), 409))
			}))))
			c := newCaller(t)
			check(t, c.get(t, url+"/early"), http.StatusConflict)
			// In gin's NoRoute, the part begins a 404, which Handler replaces as a whole.
			if r := c.get(t, url+"/late"); r.err == nil && wrong(r, http.StatusNotFound, http.MethodGet) != "" {
				t.Errorf("an error after a part of the body: %v", r)
			}
		})
	}
}

// TestRouterPanic shows that a panic becomes the documented 500 although a router recovers from it.
func TestRouterPanic(t *testing.T) {
	bridge := gateway.New()
	for _, router := range routers {
		t.Run(router.name, func(t *testing.T) {
			url := serve(t, bridge.Handler(router.of(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				panic("a secret")
			}))))
			c := newCaller(t)
			check(t, c.get(t, url+"/"), http.StatusInternalServerError)
		})
	}
}

// TestRouterErrorBody shows that the messages of other libraries' error bodies reach the client.
func TestRouterErrorBody(t *testing.T) {
	e := echo.New()
	e.Logger.SetOutput(io.Discard)
	e.GET("/attachment", func(echo.Context) error {
		return echo.NewHTTPError(http.StatusNotFound, "attachment not found")
	})
	g := newGin()
	g.GET("/attachment", func(c *gin.Context) { c.JSON(http.StatusNotFound, gin.H{"error": "attachment not found"}) })
	c := chi.NewRouter()
	c.Get("/attachment", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "attachment not found", http.StatusNotFound)
	})
	for name, h := range map[string]http.Handler{"echo": e, "gin": g, "chi": c} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, gateway.New().Handler(h))
			caller := newCaller(t)
			r := caller.get(t, url+"/attachment")
			check(t, r, http.StatusNotFound)
			if r.errorBody().Message != "attachment not found" {
				t.Errorf("message: %v", r)
			}
			check(t, caller.get(t, url+"/nowhere"), http.StatusNotFound)
		})
	}
}
