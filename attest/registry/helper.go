// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/sealock-dev/sealock/attest"
)

const helperPrefix = "docker-credential-"

var helperName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`) })

// ask asks a credential helper, once for each server
// (https://github.com/docker/docker-credential-helpers#development: the server on stdin, JSON on stdout).
func (c *Credentials) ask(ctx context.Context, name, h, where string) (Credential, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := name + " " + h
	if cred, ok := c.found[key]; ok {
		return cred, nil
	}
	server := h
	if h == dockerHub {
		server = dockerKey
	}
	cred, err := c.run(ctx, name, server)
	if err != nil {
		return Credential{}, fmt.Errorf("asking %s%.80s (%s) for the credential of %s: %w", helperPrefix, printable(name, 80), where, h, err)
	}
	if !cred.Anonymous() {
		cred.Source = fmt.Sprintf("%s%s (%s)", helperPrefix, name, where)
	}
	c.found[key] = cred
	return cred, nil
}

func (c *Credentials) run(ctx context.Context, name, server string) (Credential, error) {
	if !helperName().MatchString(name) {
		return Credential{}, errors.New("that is no name of a helper\nhint: letters, digits and . _ - only")
	}
	program, err := c.find(helperPrefix + name)
	if err != nil {
		return Credential{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, HelperTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "get")
	cmd.WaitDelay = HelperTime
	cmd.Stdin = strings.NewReader(server + "\n")
	cmd.Env = withoutSigning(cmd.Environ())
	out := &bounded{limit: MaxHelperOutput}
	cmd.Stdout = out
	err = cmd.Run()
	text := strings.TrimSpace(out.buf.String())
	switch {
	case out.over:
		return Credential{}, fmt.Errorf("it wrote more than %d bytes", MaxHelperOutput)
	case ctx.Err() != nil:
		return Credential{}, fmt.Errorf("it did not answer within %s: %w", HelperTime, ctx.Err())
	case err != nil && (text == "credentials not found in native keychain" || strings.HasPrefix(text, "no credentials ")):
		return Credential{}, nil
	case err != nil:
		return Credential{}, fmt.Errorf("%w\nhint: run: echo %s | %s get", err, server, filepath.Base(program))
	}
	var w struct{ Username, Secret string }
	if attest.DecodeJSON(out.buf.Bytes(), &w) != nil {
		return Credential{}, errors.New("its answer is not sound JSON")
	}
	switch {
	case w.Secret == "":
		return Credential{}, nil
	case w.Username == "<token>":
		return Credential{Username: w.Username, secret: &secrets{identity: w.Secret}}, nil
	}
	return Credential{Username: w.Username, secret: &secrets{password: w.Secret}}, nil
}

// find looks for a program on PATH. Only absolute folders count, so that nothing in the tree under judgement is run.
func (c *Credentials) find(name string) (string, error) {
	for _, dir := range filepath.SplitList(c.getenv("PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		p := filepath.Join(dir, name)
		if info, err := os.Stat(p); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0 {
			return p, nil
		}
	}
	return "", errors.New("there is no such program on PATH\nhint: install it, or take it out of the file")
}

// withoutSigning takes the variables out of an environment that hold keys and passwords of ours.
func withoutSigning(env []string) []string {
	var out []string
	for _, v := range env {
		if !strings.HasPrefix(v, "COSIGN_") && !strings.HasPrefix(v, "SEALOCK_") {
			out = append(out, v)
		}
	}
	return out
}

// bounded keeps what is written to it, up to a limit.
type bounded struct {
	buf   bytes.Buffer // not embedded: its ReadFrom knows no bound
	limit int
	over  bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.buf.Len()+len(p) > b.limit {
		b.over = true
		return 0, errors.New("too much output")
	}
	return b.buf.Write(p)
}
