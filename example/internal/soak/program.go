package soak

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// program is an installed proxy that can be both proxies of the chain.
type program struct {
	command     string
	arguments   []string // before the path of the configuration
	before      string   // the configuration of the proxy before the gateway
	between     string   // the configuration of the proxy after the gateway
	page        string   // replaces PAGES in between, once for each page
	gatewayAway int      // the status that the program sends while the gateway is away
	serviceAway int      // the status that the gateway sends while the service is away
}

var programs = map[string]program{
	"nginx": {
		command: "nginx", arguments: []string{"-c"}, gatewayAway: 502, serviceAway: 502,
		before: nginx(`    upstream target {
        server TARGET;
        keepalive 32;
    }
    server {
        listen LISTEN;
        location / {
            proxy_pass http://target;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
        }
    }
`),
		between: nginx(`    server {
        listen LISTEN http2;
        location / {
            grpc_pass grpc://TARGET;
PAGES        }
    }
`),
		page: `            if ($http_x_page = STATUS) {
                return STATUS "<html>INNER</html>";
            }
`,
	},
	"haproxy": {
		command: "haproxy", arguments: []string{"-db", "-f"}, gatewayAway: 503, serviceAway: 503,
		before:  haproxy + "    bind LISTEN\nbackend target\n    server target TARGET\n",
		between: haproxy + "    bind LISTEN proto h2\nPAGESbackend target\n    server target TARGET proto h2\n",
		page: `    http-request return status STATUS content-type text/html string "INNER" if { req.hdr(x-page) STATUS }
`,
	},
}

// nginx returns a configuration with servers.
func nginx(servers string) string {
	return `daemon off;
master_process off;
worker_processes 1;
pid DIR/nginx.pid;
error_log DIR/error.log error;
events {
    worker_connections 1024;
}
http {
    access_log off;
    client_body_temp_path DIR/body;
    proxy_temp_path DIR/proxy;
    fastcgi_temp_path DIR/fastcgi;
    uwsgi_temp_path DIR/uwsgi;
    scgi_temp_path DIR/scgi;
    default_type text/html;
` + servers + "}\n"
}

const haproxy = `defaults
    mode http
    option http-no-delay
    timeout connect 5s
    timeout client 1m
    timeout server 1m
    retries 0
frontend proxy
    default_backend target
`

// findProgram returns an installed program. Proxies are often in /usr/sbin, which is not in everybody's PATH.
func findProgram(name string) (program, error) {
	p, ok := programs[name]
	if !ok {
		return p, fmt.Errorf("soak: unknown proxy %q: want nginx or haproxy", name)
	}
	path, err := exec.LookPath(p.command)
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/" + p.command)
	}
	p.command = path
	return p, err
}

// start returns the start of the program with a configuration. It forwards requests to the server at target.
func (p program) start(configuration, target string) start {
	return func(address string) (stop func() error, err error) {
		dir, err := os.MkdirTemp("", "soak")
		if err != nil {
			return nil, err
		}
		path := filepath.Join(dir, "proxy.conf")
		text := p.configure(configuration, address, target, dir)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return nil, err
		}
		command := exec.Command(p.command, append(slices.Clone(p.arguments), path)...)
		if err := command.Start(); err != nil {
			return nil, err
		}
		stop = func() error {
			err := command.Process.Kill()
			_ = command.Wait() // it was killed
			return errors.Join(err, os.RemoveAll(dir))
		}
		if err := waitForListener(address); err != nil {
			return nil, errors.Join(err, stop())
		}
		return stop, nil
	}
}

func (p program) configure(configuration, address, target, dir string) string {
	var all strings.Builder
	for _, httpStatus := range slices.Sorted(maps.Keys(pages)) {
		all.WriteString(strings.ReplaceAll(p.page, "STATUS", fmt.Sprint(httpStatus)))
	}
	text := strings.Replace(configuration, "PAGES", all.String(), 1)
	return strings.NewReplacer("LISTEN", address, "TARGET", target, "DIR", dir, "INNER", inner).Replace(text)
}

func waitForListener(address string) error {
	return retry(func() error {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			return err
		}
		return connection.Close()
	})
}
