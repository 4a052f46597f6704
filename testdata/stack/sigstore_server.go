// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"time"
)

// server is a child process that answers over HTTP.
type server struct {
	name, binary, health, log string
	args, env                 []string
	socket                    string // that must not exist when it starts
	cmd                       *exec.Cmd
	exited                    chan struct{}
}

// run starts the process.
func (s *server) run() error {
	if s.socket != "" {
		if err := os.Remove(s.socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	out, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	s.cmd = exec.Command(s.binary, s.args...)
	s.cmd.Stdout, s.cmd.Stderr, s.cmd.Env = out, out, s.env
	dieWithParent(s.cmd)
	if err := s.cmd.Start(); err != nil {
		s.cmd = nil
		return errors.Join(err, out.Close())
	}
	s.exited = make(chan struct{})
	go func(cmd *exec.Cmd, exited chan struct{}) { _ = cmd.Wait(); _ = out.Close(); close(exited) }(s.cmd, s.exited)
	return nil
}

// wait asks until the server says that it is well.
func (s *server) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.health, nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no answer from %s (%s) in %s: %s", s.name, s.health, startTimeout, s.said())
		case <-s.exited:
			return fmt.Errorf("%s ended at once: %s", s.name, s.said())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *server) said() string {
	data, _ := os.ReadFile(s.log)
	return lastLine(string(data))
}

// kill ends the process, if it runs.
func (s *server) kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	<-s.exited
	s.cmd = nil
}

// listenTLS is listen with the certificate for the issuers' names.
func listenTLS(p *sigstorePKI, h http.Handler) (addr string, stop func(), err error) {
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{{Certificate: [][]byte{p.tlsLeaf.Raw}, PrivateKey: p.tlsKey}}})
	if err != nil {
		return "", nil, err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Printf("server on %s: %v", l.Addr(), err)
		}
	}()
	return l.Addr().String(), func() { _ = srv.Close(); <-done }, nil
}

// connectProxy is an HTTP proxy that leads a few hosts to one place, and none anywhere else.
type connectProxy struct {
	hosts []string
	to    string
}

func (p connectProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, _, _ := net.SplitHostPort(r.Host)
	if r.Method != http.MethodConnect || !slices.Contains(p.hosts, host) {
		http.Error(w, "not a host of the tests", http.StatusForbidden)
		return
	}
	up, err := net.Dial("tcp", p.to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer up.Close()
	w.WriteHeader(http.StatusOK)
	down, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer down.Close()
	go func() { _, _ = io.Copy(up, buffered); _ = up.Close() }()
	_, _ = io.Copy(down, up)
}
