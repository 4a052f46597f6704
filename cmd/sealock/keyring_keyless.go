// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/sigstore/keyless"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate/report"
)

// keylessRef is what --key says to sign without a stored key, with a certificate for the identity of the CI job or person.
const keylessRef = "keyless"

// keylessFlags say how to sign without a stored key.
type keylessFlags struct {
	token  string
	config string
	login  string
}

func (f *keylessFlags) register(cmd *cobra.Command) {
	p := cmd.PersistentFlags()
	p.StringVar(&f.token, "identity-token", "", "OIDC token to sign with: a file, or env://NAME (default: the one that the CI job gets)")
	p.StringVar(&f.config, "signing-config", "", "servers for keyless signing: a signing_config.json (default: those of the trusted root)")
	p.StringVar(&f.login, "login", "", "log in as a person to sign: browser, or device (a code to type on another machine)")
}

// keylessNeed is what verifiers will ask of a signature.
type keylessNeed struct {
	root             *sigstore.TrustedRoot // nil: Sigstore's public-good instance
	logs, timestamps int
	degraded         bool // time stamps alone will do for a while if the log is down
	literal          bool // --identity-token may be the token itself
}

// keyless is the signer for the identity of this job, or of the person who logs in. It is made once; nobody is asked before it is unlocked.
func (k *keyring) keyless(f keylessFlags, need keylessNeed) (attest.Signer, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if s, ok := k.signers[keylessRef]; ok {
		return s, nil
	}
	opt, err := k.keylessOptions(f, need)
	if err != nil {
		return nil, err
	}
	s, err := keyless.New(opt)
	if err != nil {
		return nil, usageError{err}
	}
	if k.signers == nil {
		k.signers = map[string]attest.Signer{}
	}
	k.signers[keylessRef] = s
	return s, nil
}

// keylessOptions finds the servers and the token.
func (o *options) keylessOptions(f keylessFlags, need keylessNeed) (keyless.Options, error) {
	if o.offline {
		return keyless.Options{}, usagef("signing without a stored key needs the network, and --offline forbids it\nhint: sign with a key (--key)")
	}
	services, err := o.keylessServices(f.config, need)
	if err != nil {
		return keyless.Options{}, usageError{err}
	}
	transport := &http.Transport{Proxy: o.proxy(), ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: time.Minute,
		DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext}
	source, err := o.tokenSource(f, services, transport, need.literal)
	if err != nil {
		return keyless.Options{}, usageError{err}
	}
	opt := keyless.Options{Services: services, Token: source.Token, HTTP: transport, Now: o.now}
	if need.degraded {
		opt.Degraded = func(down *keyless.DownError) {
			o.say("warning: the %s %s is down; the signature has time stamps alone, which the policy allows for a while", down.Service, down.URL)
		}
	}
	return opt, nil
}

func (o *options) keylessServices(config string, need keylessNeed) (services keyless.Services, err error) {
	switch {
	case config != "":
		var data []byte
		if data, err = o.readFile(config, keyless.MaxConfig, "signing configuration"); err != nil {
			return services, err
		}
		services, err = keyless.ParseSigningConfig(data, o.now())
	case need.root != nil:
		services, err = keyless.FromTrustedRoot(need.root, o.now())
	default:
		services, err = keyless.PublicGood(o.now())
	}
	if err != nil {
		return services, err
	}
	return services.Want(need.logs, need.timestamps)
}

// tokenSource is the token that was given, a login, or what the CI job can get.
func (o *options) tokenSource(f keylessFlags, services keyless.Services, transport http.RoundTripper, literal bool) (keyless.Source, error) {
	switch {
	case f.token != "" && f.login != "":
		return keyless.Source{}, errors.New("--identity-token and --login exclude each other")
	case f.token != "":
		return o.givenToken(f.token, literal)
	case f.login == "":
		return keyless.Ambient(keyless.Environment{Getenv: o.getenv, HTTP: transport})
	case f.login != "browser" && f.login != "device":
		return keyless.Source{}, errors.New("--login: expected browser or device")
	case len(services.Issuers) == 0:
		return keyless.Source{}, errors.New("--login: the Sigstore instance names no issuer at which people log in\nhint: name one under oidcUrls in the signing configuration")
	}
	l := keyless.Login{Issuer: services.Issuers[0].URL, HTTP: transport, Device: f.login == "device", Now: o.now, Show: o.announce}
	if !l.Device {
		l.Open = openBrowser
	}
	return l.Source(), nil
}

// announce says what somebody has to do now; -q does not silence it.
func (o *options) announce(format string, args ...any) {
	fmt.Fprintln(o.stderr, report.Clean(stage.WithoutCredentials(fmt.Sprintf(format, args...))))
}

// givenToken reads --identity-token. A command line can be read by every process on the machine, so a token in it is taken only where nothing else
// is started.
func (o *options) givenToken(ref string, literal bool) (keyless.Source, error) {
	if name, ok := strings.CutPrefix(ref, "env://"); ok {
		v := o.getenv(name)
		if v == "" {
			return keyless.Source{}, errors.New("--identity-token " + ref + ": the variable is not set")
		}
		return keyless.Static(ref, v), nil
	}
	if strings.Count(ref, ".") == 2 && strings.HasPrefix(ref, "eyJ") { // how every token begins: it must not get into a message
		if literal {
			return keyless.Static("--identity-token", ref), nil
		}
		return keyless.Source{}, errors.New("--identity-token holds a token itself, which every process on this machine can read\nhint: give env://NAME with the name of a variable that holds it, or a file")
	}
	if _, err := os.Stat(o.path(ref)); errors.Is(err, fs.ErrNotExist) {
		return keyless.Source{}, errors.New("--identity-token: no such file\nhint: expected a file with the token, or env://NAME") // it may be half a token
	}
	return keyless.FromFile(o.path(ref)), nil
}

// openBrowser tries to show a page. Where that fails, the person opens the address that was printed.
func openBrowser(url string) {
	program := map[string]string{"darwin": "open", "windows": "explorer"}[runtime.GOOS]
	if program == "" {
		program = "xdg-open"
	}
	cmd := exec.CommandContext(context.Background(), program, url) //nolint:gosec // the address of the issuer, after --login
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }()
	}
}
