// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

// Labels gives the labels of a namespace.
type Labels func(ctx context.Context, namespace string) (map[string]string, error)

// Bounds on asking the API server.
const (
	apiTime     = 3 * time.Second
	maxAPIBody  = 2 << 20 // bytes of one namespace
	maxAPIToken = 64 << 10
)

// API asks the API server with the token of a service account. The token is read anew each time, since it is replaced while it is valid.
type API struct {
	base   string
	token  string // file
	client *http.Client
}

// NewAPI takes the address https://HOST:PORT, the certificates of its authority in PEM, and the file that holds the token.
func NewAPI(base string, authority []byte, tokenFile string) (*API, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("address of the API server %.100q: expected https://HOST:PORT", base)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		return nil, errors.New("authority of the API server: expected certificates in PEM")
	}
	t := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // the token goes nowhere else
	return &API{base: strings.TrimSuffix(base, "/"), token: tokenFile, client: &http.Client{Transport: t, Timeout: apiTime, CheckRedirect: stay}}, nil
}

// StatusError says that the API server answered, and with what.
type StatusError struct {
	What   string // that was asked for
	Status int
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("asking the API server about %s: it answers %d", e.What, e.Status)
}

// get reads one object.
func (a *API) get(ctx context.Context, what, path string, into any) error {
	token, err := os.ReadFile(a.token)
	if err != nil || len(token) > maxAPIToken {
		return fmt.Errorf("reading the token for the API server: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+path, http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	req.Header.Set("Accept", "application/json")
	res, err := a.client.Do(req)
	if err != nil {
		return fmt.Errorf("asking the API server about %s: %w", what, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAPIBody+1))
	switch {
	case err != nil:
		return fmt.Errorf("asking the API server about %s: %w", what, err)
	case res.StatusCode != http.StatusOK:
		return &StatusError{What: what, Status: res.StatusCode}
	case len(body) > maxAPIBody:
		return fmt.Errorf("asking the API server about %s: it answers more than %d bytes", what, maxAPIBody)
	}
	if err := attest.DecodeJSON(body, into); err != nil {
		return somethingElse(what)
	}
	return nil
}

func somethingElse(what string) error {
	return fmt.Errorf("asking the API server about %s: it answers something else", what)
}

// Namespace gives the labels of a namespace.
func (a *API) Namespace(ctx context.Context, name string) (map[string]string, error) {
	var ns struct {
		Kind     string   `json:"kind"`
		Metadata struct { // of a Namespace
			Name   string            `json:"name"`
			Labels map[string]string `json:"labels"`
		} `json:"metadata"`
	}
	what := "namespace " + name
	if err := a.get(ctx, what, "/api/v1/namespaces/"+url.PathEscape(name), &ns); err != nil {
		return nil, err
	}
	if ns.Kind != "Namespace" || ns.Metadata.Name != name {
		return nil, somethingElse(what)
	}
	return ns.Metadata.Labels, nil
}

// looked is what came of looking up a namespace.
type looked struct {
	labels map[string]string
	err    error
}

// place says what a namespace is. A label that can't be looked up, or that says something unknown, leaves the question open.
func (s *Server) place(ctx context.Context, namespace string) (Place, *gate.Reason) {
	c := s.o.Config
	if p, ok := c.Namespaces[namespace]; ok {
		return p, nil
	}
	found := Place{}
	if c.Labels && s.o.Labels != nil && namespace != "" {
		l, _, err := s.namespaces.do(ctx, namespace, func() (looked, time.Duration) {
			ctx, cancel := context.WithTimeout(s.base, apiTime)
			defer cancel()
			labels, err := s.o.Labels(ctx, namespace)
			if err != nil {
				return looked{err: err}, 0
			}
			return looked{labels: deciding(labels)}, s.l.Namespace
		})
		if err == nil {
			err = l.err
		}
		if err != nil {
			s.log.Warn("namespace not looked up", "namespace", clean(namespace, 63), "error", clean(err.Error(), maxText))
			return Place{}, &gate.Reason{Code: CodeNamespace, Message: fmt.Sprintf("namespace %s could not be looked up, so its environment is not known", clean(namespace, 63)), Fix: "try again; check that the webhook may read namespaces"}
		}
		found = Place{Environment: l.labels[LabelEnvironment], Mode: Mode(l.labels[LabelMode])}
	}
	if found.Environment == "" {
		found = c.Default
	}
	switch {
	case found.Environment == "":
		return Place{}, &gate.Reason{Code: CodeNoEnvironment, Message: fmt.Sprintf("nothing says which environment namespace %q is", clean(namespace, 63)),
			Fix: fmt.Sprintf("label it %s=ENV, or list it in the admission configuration", LabelEnvironment)}
	case !found.Mode.valid():
		return Place{}, &gate.Reason{Code: CodeNoEnvironment, Message: fmt.Sprintf("namespace %s has an unknown %s", clean(namespace, 63), LabelMode), Expected: "enforce, warn or audit", Found: clean(string(found.Mode), 63)}
	}
	return found, nil
}

// deciding keeps the labels that decide.
func deciding(labels map[string]string) map[string]string {
	out := map[string]string{}
	for _, name := range []string{LabelEnvironment, LabelMode, LabelExclude} {
		if v, ok := labels[name]; ok {
			out[name] = v
		}
	}
	return out
}

// guard judges a change to a namespace: the labels that decide are for those whom the configuration lists, and only a listed namespace may be excluded.
func (s *Server) guard(q *Request, p *Policy) *gate.Reason {
	after, err := labelsOf(q.Object)
	before := map[string]string{}
	if err == nil && q.Operation == opUpdate {
		before, err = labelsOf(q.OldObject)
	}
	if err != nil {
		return malformed(q.Kind, err)
	}
	for _, name := range []string{LabelEnvironment, LabelMode, LabelExclude} {
		was, had := before[name]
		is, has := after[name]
		if had == has && was == is {
			continue
		}
		g := gate.Reason{Code: CodeGuarded, Message: fmt.Sprintf("the label %s of a namespace decides about admission", name), Found: fmt.Sprintf("changed by %s", clean(q.UserInfo.Username, 100))}
		listed := false
		for _, n := range s.o.Config.Excluded {
			listed = listed || n == q.Name && n != ""
		}
		switch {
		case !s.guards.may(q.UserInfo):
			g.Expected, g.Fix = "a change by somebody whom guards in the admission configuration lists", "ask one of them"
			return &g
		case has && name == LabelExclude && !listed:
			g.Expected, g.Fix = "a namespace that the admission configuration lists under excluded", "list it there first"
			return &g
		case has && name == LabelMode && (is == "" || !Mode(is).valid()):
			g.Expected, g.Found = "enforce, warn or audit", clean(is, 63)
			return &g
		case has && name == LabelEnvironment && p == nil:
			return &gate.Reason{Code: CodeNoPolicy, Message: "no policy is loaded, so its environments are not known"}
		case has && name == LabelEnvironment && !known(p, is):
			g.Expected, g.Found = "one of "+strings.Join(p.EnvironmentOrder(), ", "), clean(is, 63)
			return &g
		}
	}
	return nil
}

func known(p *Policy, env string) bool { _, ok := p.Environments[env]; return ok }

func labelsOf(raw []byte) (map[string]string, error) {
	var o struct {
		Metadata struct {
			Labels map[string]string `json:"labels"`
		} `json:"metadata"`
	}
	err := attest.DecodeJSON(raw, &o)
	return o.Metadata.Labels, err
}
