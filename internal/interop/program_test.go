package interop

import (
	"bytes"
	"embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"
)

//go:embed proxies
var configurations embed.FS

// program is a proxy that the tests can start.
type program struct {
	command string
	version []string // arguments that print the version
	pattern string   // finds the version in that output
	main    string   // a configuration that includes the tested one, if the program needs one
	run     func(config string, s settings) []string
}

var programs = map[string]program{
	"nginx": {"nginx", []string{"-v"}, `nginx/(\S+)`, "nginx-main.conf", func(config string, s settings) []string {
		return []string{"-c", config, "-p", s.Dir, "-e", filepath.Join(s.Dir, "error.log")}
	}},
	"HAProxy": {"haproxy", []string{"-v"}, `version (\d+\.\d+\.\d+)`, "", func(config string, _ settings) []string {
		return []string{"-db", "-f", config}
	}},
	"Envoy": {"envoy", []string{"--version"}, `/(\d+\.\d+\.\d+)/`, "", func(config string, _ settings) []string {
		return []string{"-c", config, "--disable-hot-restart", "--concurrency", "1", "--log-level", "error"}
	}},
	"Caddy": {"caddy", []string{"version"}, `v(\S+)`, "", func(config string, _ settings) []string {
		return []string{"run", "--config", config, "--adapter", "caddyfile"}
	}},
	"Varnish": {"varnishd", []string{"-V"}, `varnish-(\S+)`, "", func(config string, s settings) []string {
		return []string{"-F", "-j", "none", "-f", config, "-a", s.Listen, "-n", filepath.Join(s.Dir, "varnish"),
			"-s", "malloc,16m", "-p", "feature=+http2", "-T", "none"}
	}},
	"Apache": {"apache2", []string{"-v"}, `Apache/(\S+)`, "apache-main.conf", func(config string, s settings) []string {
		return []string{"-X", "-d", s.Dir, "-f", config}
	}},
}

// settings are the values in a configuration.
type settings struct {
	Listen, ListenHost, ListenPort    string
	ListenHTTP2                       string // for proxies that need one address for each protocol
	Gateway, GatewayHost, GatewayPort string // the next server, which is the backend between gateway and backend
	Dir, Config, Modules              string
}

func newSettings(listen, listenHTTP2, gateway, dir string) settings {
	s := settings{Listen: listen, ListenHTTP2: listenHTTP2, Gateway: gateway, Dir: dir}
	s.Modules = "/usr/lib/apache2/modules"
	s.ListenHost, s.ListenPort, _ = net.SplitHostPort(listen)
	s.GatewayHost, s.GatewayPort, _ = net.SplitHostPort(gateway)
	return s
}

// render fills in a configuration of the directory proxies.
func render(t testing.TB, name string, s settings) []byte {
	t.Helper()
	text, err := configurations.ReadFile("proxies/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var rendered bytes.Buffer
	if err := template.Must(template.New(name).Parse(string(text))).Execute(&rendered, s); err != nil {
		t.Fatal(err)
	}
	return rendered.Bytes()
}

// need skips the test if a proxy is not on this machine. In CI, the test fails instead.
func need(t testing.TB, name string) {
	t.Helper()
	if _, err := exec.LookPath(programs[name].command); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed", name)
	}
	t.Skipf("left out: %s is not installed", name)
}

// versionOf returns the version of an installed proxy.
func versionOf(t testing.TB, name string) string {
	t.Helper()
	p := programs[name]
	output, _ := exec.CommandContext(t.Context(), p.command, p.version...).CombinedOutput()
	match := regexp.MustCompile(p.pattern).FindSubmatch(output)
	if match == nil {
		t.Fatalf("no version of %s in %s", name, output)
	}
	return strings.Trim(string(match[1]), ",)")
}

// running is a proxy that was started.
type running struct {
	settings
	cmd  *exec.Cmd
	logs string
}

// start runs a proxy before the server at an address. Another process may take the free port first, so that it tries
// three times.
func start(t testing.TB, name, config, gateway string) *running {
	t.Helper()
	var failure error
	for range 3 {
		r, err := tryStart(t, name, config, gateway)
		if err == nil {
			t.Cleanup(r.stop)
			return r
		}
		failure = err
	}
	t.Fatal(failure)
	return nil
}

func tryStart(t testing.TB, name, config, gateway string) (*running, error) {
	t.Helper()
	dir, err := os.MkdirTemp("", "interop") // t.TempDir is too deep for the sockets of Varnish
	if err != nil {
		t.Fatal(err)
	}
	s := newSettings(free(t), free(t), gateway, dir)
	p := programs[name]
	path := filepath.Join(dir, config)
	write(t, path, render(t, config, s))
	if p.main != "" {
		s.Config = path
		path = filepath.Join(dir, p.main)
		write(t, path, render(t, p.main, s))
	}
	r := &running{settings: s, logs: filepath.Join(dir, "output.log")}
	output, err := os.Create(r.logs)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = output.Close() }()
	r.cmd = exec.Command(p.command, p.run(path, s)...)
	r.cmd.Stdout, r.cmd.Stderr = output, output
	r.cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = r.cmd.Wait()
		close(ended)
	}()
	for range 1000 { // twenty seconds
		conn, err := net.DialTimeout("tcp", s.Listen, time.Second)
		if err == nil {
			_ = conn.Close()
			return r, nil
		}
		select {
		case <-ended:
			text, _ := os.ReadFile(r.logs)
			r.stop()
			return nil, fmt.Errorf("%s ended: %s%s", name, text, r.errorLog())
		default:
			pause()
		}
	}
	r.stop()
	return nil, fmt.Errorf("%s does not listen", name)
}

// stop ends the process, gently first.
func (r *running) stop() {
	_ = r.cmd.Process.Signal(syscall.SIGTERM)
	for range 150 {
		if r.cmd.Process.Signal(syscall.Signal(0)) != nil {
			break
		}
		pause()
	}
	_ = r.cmd.Process.Kill()
	_ = os.RemoveAll(r.Dir)
}

// errorLog returns what the proxy has logged.
func (r *running) errorLog() string {
	text, _ := os.ReadFile(filepath.Join(r.Dir, "error.log"))
	output, _ := os.ReadFile(r.logs)
	return string(text) + string(output)
}

// free returns an address on loopback at which nothing listens.
func free(t testing.TB) string {
	t.Helper()
	listener := listen(t)
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

func write(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
