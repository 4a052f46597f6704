// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/gate"
)

// ConfigKind is the kind of the configuration file.
const ConfigKind = "Admission"

// Labels of a namespace that decide about admission. Only those whom guards lists may change them.
const (
	LabelEnvironment = "sealock.dev/environment"
	LabelMode        = "sealock.dev/mode"
	LabelExclude     = "sealock.dev/exclude" // "true" takes a namespace out of the webhook's scope
)

// Mode is what a refusal leads to in a namespace.
type Mode string

// The modes. The zero Mode is Enforce.
const (
	Enforce Mode = "enforce" // the object stays out
	Warn    Mode = "warn"    // it comes in, and whoever sent it is told
	Audit   Mode = "audit"   // it comes in, and only log, metrics and the audit log say so
)

// Config is the file that says what the cluster is like. It belongs to whoever runs the webhook.
type Config struct {
	APIVersion string           `yaml:"apiVersion"`
	Kind       string           `yaml:"kind"`
	Namespaces map[string]Place `yaml:"namespaces"` // by exact name; they outweigh labels
	Default    Place            `yaml:"default"`    // for namespaces that are not listed and have no label; without it those are refused
	Labels     bool             `yaml:"labels"`     // ask the API server for the labels of namespaces that are not listed
	Excluded   []string         `yaml:"excluded"`   // namespaces that may carry the label sealock.dev/exclude
	Guards     Guards           `yaml:"guards"`
	Unchanged  Mode             `yaml:"unchanged"` // mode for updates that change no image: enforce (default) or warn
	Kinds      []Kind           `yaml:"kinds"`
	Registries []string         `yaml:"registries"` // hosts that may be asked, besides those that the policy names

	PullSecrets bool `yaml:"pullSecrets"` // ask registries with the pull secrets of the pod too
}

// Place is what a namespace is.
type Place struct {
	Environment string `yaml:"environment"`
	Mode        Mode   `yaml:"mode"`
}

// Guards are who may change the labels that decide about admission, by their exact names.
type Guards struct {
	Users  []string `yaml:"users"`
	Groups []string `yaml:"groups"`
}

// Kind says where images stand in a kind that Kubernetes itself does not know.
type Kind struct {
	Group      string   `yaml:"group"`
	Kind       string   `yaml:"kind"`
	Images     []string `yaml:"images"`   // paths to image references
	PodSpecs   []string `yaml:"podSpecs"` // paths to specifications of pods
	MayBeEmpty bool     `yaml:"mayBeEmpty"`
	None       bool     `yaml:"none"` // it carries no image

	images, podSpecs []Path
}

// maxKinds bounds the list of kinds.
const maxKinds = 200

// ParseConfig reads the configuration. It refuses everything that it does not understand.
func ParseConfig(file string, data []byte) (*Config, error) {
	var c Config
	places, err := gate.DecodeYAML(file, data, &c)
	if err != nil {
		return nil, err
	}
	switch {
	case c.APIVersion != gate.APIVersion:
		return nil, places.Errorf("apiVersion", "", "is %q, expected %q", c.APIVersion, gate.APIVersion)
	case c.Kind != ConfigKind:
		return nil, places.Errorf("kind", "", "is %q, expected %q", c.Kind, ConfigKind)
	case c.Unchanged != "" && c.Unchanged != Enforce && c.Unchanged != Warn:
		return nil, places.Errorf("unchanged", "", "is %q, expected enforce or warn", c.Unchanged)
	case len(c.Kinds) > maxKinds:
		return nil, places.Errorf("kinds", "", "%d kinds, limit %d", len(c.Kinds), maxKinds)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Namespaces)) {
		if err := c.Namespaces[name].check(places, "namespaces."+name, true); err != nil {
			return nil, err
		}
	}
	if err := c.Default.check(places, "default", false); err != nil {
		return nil, err
	}
	seen := map[GroupKind]bool{}
	for i := range c.Kinds {
		if err := c.Kinds[i].check(places, fmt.Sprintf("kinds[%d]", i), seen); err != nil {
			return nil, err
		}
	}
	for i, host := range c.Registries {
		if host == "" || host != strings.ToLower(host) || strings.ContainsAny(host, "/*@ ") {
			return nil, places.Errorf(fmt.Sprintf("registries[%d]", i), "for example registry.acme.io", "%q is no host of a registry", host)
		}
	}
	return &c, nil
}

func (p Place) check(places gate.Places, at string, must bool) error {
	switch {
	case p.Environment == "" && (must || p.Mode != ""):
		return places.Errorf(at+".environment", "", "which environment is it?")
	case !p.Mode.valid():
		return places.Errorf(at+".mode", "", "is %q, expected enforce, warn or audit", p.Mode)
	}
	return nil
}

func (m Mode) valid() bool { return m == "" || m == Enforce || m == Warn || m == Audit }

// or is the mode, or Enforce where there is none.
func (m Mode) or() Mode {
	if m == "" {
		return Enforce
	}
	return m
}

func (k *Kind) check(places gate.Places, at string, seen map[GroupKind]bool) error {
	id := GroupKind{Group: k.Group, Kind: k.Kind}
	_, builtIn := podTemplates[id]
	switch {
	case k.Kind == "":
		return places.Errorf(at+".kind", "", "which kind is it?")
	case builtIn || isWithout(id):
		return places.Errorf(at, "leave it out", "%s is built in", id)
	case seen[id]:
		return places.Errorf(at, "", "%s is there twice", id)
	case k.None && (len(k.Images)+len(k.PodSpecs) > 0 || k.MayBeEmpty):
		return places.Errorf(at+".none", "", "a kind without images has no paths")
	case !k.None && len(k.Images)+len(k.PodSpecs) == 0:
		return places.Errorf(at, "write images: […], podSpecs: […], or none: true", "no path: nothing in a %s would be judged", id)
	}
	seen[id] = true
	for _, list := range []struct {
		name string
		in   []string
		out  *[]Path
	}{{"images", k.Images, &k.images}, {"podSpecs", k.PodSpecs, &k.podSpecs}} {
		for i, text := range list.in {
			p, err := ParsePath(text)
			if err != nil {
				return places.Errorf(fmt.Sprintf("%s.%s[%d]", at, list.name, i), "for example spec.template.spec", "%v", err)
			}
			*list.out = append(*list.out, p)
		}
	}
	return nil
}

func (c *Config) kinds() kinds {
	out := kinds{custom: map[GroupKind]Kind{}}
	for _, k := range c.Kinds {
		out.custom[GroupKind{Group: k.Group, Kind: k.Kind}] = k
	}
	return out
}

// CheckEnvironments reports places whose environment the policy does not know.
func (c *Config) CheckEnvironments(p *gate.Policy) error {
	check := func(at string, place Place) error {
		if _, ok := p.Environments[place.Environment]; place.Environment != "" && !ok {
			return fmt.Errorf("%s is environment %q, which policy %s does not know: it has %s", at, place.Environment, p.Name, strings.Join(p.EnvironmentOrder(), ", "))
		}
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(c.Namespaces)) {
		if err := check("namespace "+name, c.Namespaces[name]); err != nil {
			return err
		}
	}
	return check("the default", c.Default)
}

// may reports whether somebody may change the labels that decide.
func (g Guards) may(u UserInfo) bool {
	if u.Username != "" && slices.Contains(g.Users, u.Username) {
		return true
	}
	return slices.ContainsFunc(u.Groups, func(group string) bool { return slices.Contains(g.Groups, group) })
}
