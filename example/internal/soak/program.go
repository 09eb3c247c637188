package soak

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// program is an installed proxy that can be the second proxy of the chain.
type program struct {
	command     string
	arguments   []string // before the path of the configuration
	top, bottom string   // of the configuration
	page        string   // of the configuration, for each page
	serviceAway int      // the status that clients read while the service is away
}

var programs = map[string]program{
	"nginx": {
		command: "nginx", arguments: []string{"-c"}, serviceAway: 502,
		top: `daemon off;
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
    server {
        listen LISTEN http2;
        location / {
            grpc_pass grpc://SERVICE;
`,
		page: `            if ($http_x_page = STATUS) {
                return STATUS "<html>INNER</html>";
            }
`,
		bottom: "        }\n    }\n}\n",
	},
	"haproxy": {
		command: "haproxy", arguments: []string{"-db", "-f"}, serviceAway: 503,
		top: `defaults
    mode http
    option http-no-delay
    timeout connect 5s
    timeout client 1m
    timeout server 1m
    retries 0
frontend grpc
    bind LISTEN proto h2
    default_backend services
`,
		page: `    http-request return status STATUS content-type text/html string "<html>INNER</html>" if { req.hdr(x-page) STATUS }
`,
		bottom: `backend services
    server service SERVICE proto h2
`,
	},
}

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

// start returns the start of the program before a service.
func (p program) start(service string) func(string) (func() error, error) {
	return func(address string) (func() error, error) {
		dir, err := os.MkdirTemp("", "soak")
		if err != nil {
			return nil, err
		}
		configuration := filepath.Join(dir, "proxy.conf")
		if err := os.WriteFile(configuration, []byte(p.configure(address, service, dir)), 0o600); err != nil {
			return nil, err
		}
		command := exec.Command(p.command, append(slices.Clone(p.arguments), configuration)...)
		if err := command.Start(); err != nil {
			return nil, err
		}
		stop := func() error {
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

func (p program) configure(address, service, dir string) string {
	text := p.top
	for _, httpStatus := range sortedPages() {
		text += strings.ReplaceAll(p.page, "STATUS", fmt.Sprint(httpStatus))
	}
	return strings.NewReplacer("LISTEN", address, "SERVICE", service, "DIR", dir, "INNER", inner).Replace(text + p.bottom)
}

func waitForListener(address string) error {
	var err error
	for deadline := time.Now().Add(patient); time.Now().Before(deadline); time.Sleep(settling / 20) {
		var connection net.Conn
		if connection, err = net.Dial("tcp", address); err == nil {
			return connection.Close()
		}
	}
	return err
}
