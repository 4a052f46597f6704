// SPDX-License-Identifier: Apache-2.0

package keyless

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// loginTimeout is how long a person may take.
const loginTimeout = 5 * time.Minute

// Login lets a person log in at an OIDC issuer, in a browser on this machine or with a code on any other.
type Login struct {
	Issuer   string // such as https://oauth2.sigstore.dev/auth
	ClientID string // default "sigstore"
	HTTP     http.RoundTripper
	Device   bool                          // a code to type, for machines without a browser
	Open     func(url string)              // opens a browser; may be nil
	Show     func(format string, a ...any) // tells the person what to do
	Now      func() time.Time
}

// Source is the login as a source of tokens: it begins when a token is needed.
func (l Login) Source() Source {
	if l.ClientID == "" {
		l.ClientID = "sigstore"
	}
	return Source{"login at " + redacted(l.Issuer), func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeoutCause(ctx, loginTimeout, errors.New("nobody logged in"))
		defer cancel()
		token, err := l.run(ctx)
		if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return "", &TokenError{Problem: fmt.Sprintf("%v within %s", context.Cause(ctx), loginTimeout)}
		}
		return token, err
	}}
}

// endpoints are what the issuer's discovery document names (OpenID Connect Discovery 1.0).
type endpoints struct {
	Issuer string `json:"issuer"`
	Auth   string `json:"authorization_endpoint"`
	Token  string `json:"token_endpoint"`
	Device string `json:"device_authorization_endpoint"`
}

func (l Login) run(ctx context.Context) (string, error) {
	if err := checkURL(issuer, l.Issuer); err != nil {
		return "", err
	}
	at := strings.TrimSuffix(l.Issuer, "/") + "/.well-known/openid-configuration"
	a, err := l.caller().do(ctx, http.MethodGet, at, nil, nil)
	if err != nil {
		return "", err
	}
	var e endpoints
	if a.status != http.StatusOK || attest.DecodeJSON(a.body, &e) != nil {
		return "", &RefusedError{Service: issuer, URL: redacted(at), Status: a.status, Detail: "no discovery document"}
	}
	if e.Issuer != l.Issuer {
		return "", &RefusedError{Service: issuer, URL: redacted(at), Status: a.status, Detail: fmt.Sprintf("its document is that of %q", quote(e.Issuer))}
	}
	needed := map[string]string{"authorization": e.Auth, "token": e.Token}
	if l.Device {
		needed = map[string]string{"device authorization": e.Device, "token": e.Token}
	}
	for name, u := range needed {
		if err := checkURL(fmt.Sprintf("%s endpoint of %s", name, l.Issuer), u); err != nil {
			return "", err
		}
	}
	if l.Device {
		return l.device(ctx, e)
	}
	return l.browser(ctx, e)
}

func (l Login) caller() *caller { return &caller{service: issuer, http: l.HTTP} }

// pkce is a proof that who began a login also ends it (RFC 7636).
func pkce() (verifier, challenge string) {
	verifier = rand.Text() + rand.Text()
	sum := sha256.Sum256([]byte(verifier))
	return verifier, base64.RawURLEncoding.EncodeToString(sum[:])
}

// browser sends the person to the issuer and waits on loopback for the way back (RFC 8252).
func (l Login) browser(ctx context.Context, e endpoints) (string, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listening for the end of the login: %w", err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return "", err
	}
	verifier, challenge := pkce()
	state, nonce, back := rand.Text(), rand.Text(), "http://localhost:"+port+"/auth/callback"
	type result struct {
		code string
		err  error
	}
	done := make(chan result, 1)
	srv := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if r.URL.Path != "/auth/callback" || q.Get("state") != state { // not an answer to this login
			http.NotFound(w, r)
			return
		}
		res := result{code: q.Get("code")}
		text := "You are logged in. You can close this window.\n"
		if res.code == "" {
			res.err = &TokenError{Problem: "the login was refused: " + quote(q.Get("error")+" "+q.Get("error_description"))}
			text = "The login was refused.\n"
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = fmt.Fprint(w, text)
		select {
		case done <- res:
		default:
		}
	})}
	go func() { _ = srv.Serve(listener) }()
	defer srv.Close() //nolint:errcheck // it only ends
	u, err := url.Parse(e.Auth)
	if err != nil {
		return "", err
	}
	q := u.Query()
	for k, v := range map[string]string{"client_id": l.ClientID, "response_type": "code", "scope": "openid email", "redirect_uri": back, "state": state, "nonce": nonce,
		"code_challenge": challenge, "code_challenge_method": "S256"} {
		q.Set(k, v)
	}
	u.RawQuery = q.Encode()
	l.Show("log in at %s", u)
	if l.Open != nil {
		l.Open(u.String())
	}
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case res := <-done:
		if res.err != nil {
			return "", res.err
		}
		token, _, err := l.exchange(ctx, e.Token, url.Values{"grant_type": {"authorization_code"}, "code": {res.code}, "redirect_uri": {back}, "client_id": {l.ClientID}, "code_verifier": {verifier}}, res.code, verifier)
		if err != nil {
			return "", err
		}
		c, err := readToken(token, l.ClientID, l.Now())
		if err == nil && c.Nonce != nonce {
			err = &TokenError{Problem: "the issuer answered with the token of another login"}
		}
		return token, err
	}
}

// device shows a code to type somewhere else, and asks until that has happened (RFC 8628).
func (l Login) device(ctx context.Context, e endpoints) (string, error) {
	verifier, challenge := pkce()
	a, err := l.form(ctx, e.Device, url.Values{"client_id": {l.ClientID}, "scope": {"openid email"}, "code_challenge": {challenge}, "code_challenge_method": {"S256"}})
	if err != nil {
		return "", err
	}
	var begun struct {
		DeviceCode string  `json:"device_code"`
		UserCode   string  `json:"user_code"`
		URI        string  `json:"verification_uri"`
		Complete   string  `json:"verification_uri_complete"`
		Interval   float64 `json:"interval"`
	}
	if a.status != http.StatusOK || attest.DecodeJSON(a.body, &begun) != nil || begun.DeviceCode == "" || begun.UserCode == "" {
		return "", &RefusedError{Service: issuer, URL: redacted(e.Device), Status: a.status, Detail: said(a.body)}
	}
	if begun.Complete == "" {
		begun.Complete = begun.URI
	}
	l.Show("log in at %s with the code %s", quote(begun.Complete), quote(begun.UserCode))
	wait := time.Duration(min(max(begun.Interval, 1), 60) * float64(time.Second))
	for attest.Sleep(ctx, wait) == nil {
		token, problem, err := l.exchange(ctx, e.Token, url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {begun.DeviceCode}, "client_id": {l.ClientID}, "code_verifier": {verifier}}, begun.DeviceCode, verifier)
		switch problem {
		case "authorization_pending":
		case "slow_down":
			wait += 5 * time.Second
		default:
			return token, err
		}
	}
	return "", ctx.Err()
}

func (l Login) form(ctx context.Context, at string, values url.Values) (*answer, error) {
	return l.caller().do(ctx, http.MethodPost, at, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}}, []byte(values.Encode()))
}

// exchange turns a code into a token, or gives the issuer's name for what is in the way.
func (l Login) exchange(ctx context.Context, at string, values url.Values, secrets ...string) (token, problem string, err error) {
	a, err := l.form(ctx, at, values)
	if err != nil {
		return "", "", err
	}
	if a.status == http.StatusOK {
		token, err = field(a.body, "id_token", at)
		return token, "", err
	}
	var refused struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(a.body, &refused) != nil {
		refused.Error = ""
	}
	return "", refused.Error, &RefusedError{Service: issuer, URL: redacted(at), Status: a.status, Detail: said(a.body, secrets...)}
}
