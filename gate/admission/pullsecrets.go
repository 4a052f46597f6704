// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest/registry"
)

// Bounds on pull secrets.
const (
	maxPullSecrets = 10        // of one pod; the kubelet has no bound, and objects have fewer
	maxPullSecret  = 128 << 10 // bytes of one
	maxSecrets     = 500       // that are kept
	secretLife     = 20 * time.Second
	failedLife     = 2 * time.Second // of what could not be read
	maxObjectName  = 253
)

// PullSecrets reads what a kubelet reads before it pulls an image.
type PullSecrets interface {
	// ServiceAccount names the pull secrets of a service account.
	ServiceAccount(ctx context.Context, namespace, name string) (secrets []string, err error)
	// PullSecret gives the credentials in a Secret, and a text that changes whenever they do.
	PullSecret(ctx context.Context, namespace, name string) (credentials *registry.Credentials, version string, err error)
}

// pull is what a pod says about how its images are pulled. The zero pull asks with the webhook's own credentials.
type pull struct {
	namespace string // set where pull secrets are honoured
	account   string
	secrets   string // names of the pod's own, with commas between them
}

// pull reads it. Names that no object can have are left out, as a kubelet does not find them either.
func (s *podSpec) pull() pull {
	p := pull{account: s.ServiceAccountName}
	if p.account == "" {
		p.account = s.ServiceAccount
	}
	if p.account == "" {
		p.account = "default"
	}
	var names []string
	for _, n := range s.ImagePullSecrets {
		if objectName(n.Name) && len(names) < maxPullSecrets {
			names = append(names, n.Name)
		}
	}
	p.secrets = strings.Join(names, ",")
	return p
}

// objectName reports whether an object can have the name (https://www.rfc-editor.org/rfc/rfc1123, lower case).
func objectName(s string) bool {
	return s != "" && len(s) <= maxObjectName && !strings.ContainsFunc(s, func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' })
}

// named is an object of a namespace.
type named struct{ namespace, name string }

// secret is what came of reading one.
type secret struct {
	credentials *registry.Credentials
	version     string
}

// account is what came of reading a service account.
type account struct{ secrets []string }

// login says which credentials a verdict was found out with. A verdict counts only for those who come with the same ones: the zero login is the
// webhook's own, and every other belongs to one namespace.
type login struct{ namespace, secrets string }

// logins are the credentials that fit an image's repository: of the pod's pull secrets, or of its service account's where the pod names none, as
// Kubernetes fills them in. What can't be read is left out, as a kubelet does; the registry then says whether it was needed.
func (s *Server) logins(ctx context.Context, i Image) (found []*registry.Credentials, by login) {
	names := []string(nil)
	if i.from.secrets != "" {
		names = strings.Split(i.from.secrets, ",")
	} else if objectName(i.from.account) {
		a, _, err := s.accounts.do(ctx, named{i.from.namespace, i.from.account}, func() (account, time.Duration) { return s.readAccount(i.from.namespace, i.from.account) })
		if err == nil {
			names = a.secrets
		}
	}
	var used []string
	for _, name := range names {
		at := named{i.from.namespace, name}
		one, _, err := s.secrets.do(ctx, at, func() (secret, time.Duration) { return s.readSecret(at) })
		if err != nil || one.credentials == nil {
			continue
		}
		c, err := one.credentials.For(ctx, i.Repository)
		if err != nil {
			s.log.Warn("pull secret not used", "namespace", at.namespace, "name", at.name, "error", clean(err.Error(), maxText))
			continue
		}
		if c.Anonymous() {
			continue
		}
		found, used = append(found, one.credentials), append(used, name+"@"+one.version)
	}
	if len(found) == 0 {
		return nil, login{}
	}
	return found, login{namespace: i.from.namespace, secrets: strings.Join(used, ",")}
}

func (s *Server) readAccount(namespace, name string) (account, time.Duration) {
	ctx, cancel := context.WithTimeout(s.base, apiTime)
	defer cancel()
	names, err := s.o.PullSecrets.ServiceAccount(ctx, namespace, name)
	if err != nil {
		s.unread("service account", namespace, name, err)
		return account{}, failedLife
	}
	names = slices.DeleteFunc(names, func(n string) bool { return !objectName(n) })
	return account{names[:min(len(names), maxPullSecrets)]}, secretLife
}

func (s *Server) readSecret(at named) (secret, time.Duration) {
	ctx, cancel := context.WithTimeout(s.base, apiTime)
	defer cancel()
	c, version, err := s.o.PullSecrets.PullSecret(ctx, at.namespace, at.name)
	if err != nil {
		s.unread("pull secret", at.namespace, at.name, err)
		return secret{}, failedLife
	}
	return secret{c, version}, secretLife
}

func (s *Server) unread(what, namespace, name string, err error) {
	s.metrics.Count("sealock_admission_pull_secret_errors_total")
	s.log.Warn(what+" not read", "namespace", clean(namespace, 63), "name", clean(name, maxObjectName), "error", clean(err.Error(), maxText))
}

// object is the head of what the API server answers.
type objectHead struct {
	Name            string `json:"name"`
	Namespace       string `json:"namespace"`
	UID             string `json:"uid"`
	ResourceVersion string `json:"resourceVersion"`
}

func objectPath(namespace, plural, name string) string {
	return "/api/v1/namespaces/" + url.PathEscape(namespace) + "/" + plural + "/" + url.PathEscape(name)
}

// ServiceAccount names the pull secrets of a service account.
func (a *API) ServiceAccount(ctx context.Context, namespace, name string) ([]string, error) {
	var o struct {
		Kind             string     `json:"kind"`
		Metadata         objectHead `json:"metadata"`
		ImagePullSecrets []struct {
			Name string `json:"name"`
		} `json:"imagePullSecrets"`
	}
	what := fmt.Sprintf("service account %s/%s", namespace, name)
	if err := a.get(ctx, what, objectPath(namespace, "serviceaccounts", name), &o); err != nil {
		return nil, err
	}
	if o.Kind != "ServiceAccount" || o.Metadata.Name != name || o.Metadata.Namespace != namespace {
		return nil, somethingElse(what)
	}
	var names []string
	for _, s := range o.ImagePullSecrets {
		names = append(names, s.Name)
	}
	return names, nil
}

// PullSecret gives the credentials in a Secret. Nothing of what it holds gets into an error.
func (a *API) PullSecret(ctx context.Context, namespace, name string) (*registry.Credentials, string, error) {
	var o struct {
		Kind     string            `json:"kind"`
		Metadata objectHead        `json:"metadata"`
		Type     string            `json:"type"`
		Data     map[string][]byte `json:"data"`
	}
	what := fmt.Sprintf("secret %s/%s", namespace, name)
	if err := a.get(ctx, what, objectPath(namespace, "secrets", name), &o); err != nil {
		return nil, "", err
	}
	if o.Kind != "Secret" || o.Metadata.Name != name || o.Metadata.Namespace != namespace {
		return nil, "", somethingElse(what)
	}
	key := ".dockerconfigjson"
	if o.Type == registry.SecretDockerCfg {
		key = ".dockercfg"
	}
	if len(o.Data[key]) > maxPullSecret {
		return nil, "", fmt.Errorf("%s: %d bytes, limit %d", what, len(o.Data[key]), maxPullSecret)
	}
	c, err := registry.ParsePullSecret(what, o.Type, o.Data[key])
	return c, o.Metadata.UID + "/" + o.Metadata.ResourceVersion, err
}

var _ PullSecrets = (*API)(nil)
