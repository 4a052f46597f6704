// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"crypto"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/rules"
)

// APIVersion and the kinds of the files in a policy folder.
const (
	APIVersion      = "sealock/v1"
	KindPolicy      = "Policy"
	KindWaivers     = "Waivers"
	KindRevocations = "Revocations"
)

// PolicyFile is policy.yaml.
type PolicyFile struct {
	APIVersion       string                               `yaml:"apiVersion"`
	Kind             string                               `yaml:"kind"`
	Name             string                               `yaml:"name"`
	Version          int                                  `yaml:"version"`
	Expires          time.Time                            `yaml:"expires"`
	Trust            Trust                                `yaml:"trust"`
	Identities       map[string]Identity                  `yaml:"identities"`
	Stages           map[string]Stage                     `yaml:"stages"`
	Attached         []Attached                           `yaml:"attached"`
	VEX              VEXRule                              `yaml:"vex"`
	MaxWaiver        Duration                             `yaml:"maxWaiver"` // how long a waiver may count; zero: no bound
	Baseline         BaselineRule                         `yaml:"baseline"`
	Artifacts        map[string]Artifact                  `yaml:"artifacts"`
	Environments     map[string]Environment               `yaml:"environments"`
	Rules            map[string]map[string]any            `yaml:"rules"`
	EnvironmentRules map[string]map[string]map[string]any `yaml:"environmentRules"`
	ConfigRules      map[string]map[string]any            `yaml:"configRules"` // parameters of the rules over configuration, by their id
	Flows            []predicate.DeclaredFlow             `yaml:"flows"`       // who may talk to whom; nil: nothing is declared
	People           map[string][]string                  `yaml:"people"`
}

// Trust says whose certificates, logs and time stamps count. Once a policy is loaded every field has its value, defaults included.
type Trust struct {
	Sigstore   string   `yaml:"sigstore"`   // TrustNone: keys alone; TrustPublicGood; or a trusted_root.json of the policy
	Log        string   `yaml:"log"`        // LogRequired (default), or LogNone: a certificate's signature need not be in a transparency log
	Logs       int      `yaml:"logs"`       // distinct logs that must hold it, 1 by default
	Timestamps int      `yaml:"timestamps"` // distinct authorities that must have stamped it, 0 by default, 1 without a log
	Degraded   Duration `yaml:"degraded"`   // how long after its time stamp a signature counts that is in no log yet
}

func (*Trust) long(n *yaml.Node) *yaml.Node { return shortScalar(n, "sigstore") }

// Identity is one entry of the allow-list of signers: a key, a certificate's issuer and subject, or one of several others.
type Identity struct {
	Key            string            `yaml:"key"` // a file of the policy, or local:NAME for a key pair in the user's key folder
	NotBefore      time.Time         `yaml:"notBefore"`
	NotAfter       time.Time         `yaml:"notAfter"`
	Issuer         string            `yaml:"issuer"`         // exact
	Subject        string            `yaml:"subject"`        // exact
	SubjectPattern string            `yaml:"subjectPattern"` // * stands for one or more characters of one segment
	Claims         map[string]Values `yaml:"claims"`         // further claims of the certificate, each by its exact value or one of several
	Builder        string            `yaml:"builder"`        // the builder.id that provenance of this signer must name, exactly; empty: any
	AnyOf          []string          `yaml:"anyOf"`
}

// Values are the values that a claim may have. The short form is a single one.
type Values []string

func (*Values) long(n *yaml.Node) *yaml.Node {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return n
	}
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: n.Line, Column: n.Column, Content: []*yaml.Node{n}}
}

// Stage is what a run of a stage must have been like.
type Stage struct {
	About     string   `yaml:"about"` // git: its subjects are commits of Git, not folders that the pipeline names; "": anything
	After     []After  `yaml:"after"`
	SignedBy  []string `yaml:"signedBy"`
	Threshold int      `yaml:"threshold"` // distinct signers of one receipt, default 1
	Evidence  []string `yaml:"evidence"`
	MaxAge    MaxAge   `yaml:"maxAge"`
	Builders  Builders `yaml:"builders"`
	Vendors   []Vendor `yaml:"vendors"` // whose images it takes in; empty: nobody's
}

// AboutGit is the one value of a stage's about.
const AboutGit = "git"

// After is a stage that must have run before.
type After struct {
	Stage   string `yaml:"stage"`
	SameRun bool   `yaml:"sameRun"`
}

func (*After) long(n *yaml.Node) *yaml.Node { return shortScalar(n, "stage") }

// MaxAge bounds the age of a stage's receipt: to enter an environment, and to stay in it. Zero is no bound.
type MaxAge struct {
	Enter Duration `yaml:"enter"`
	Stay  Duration `yaml:"stay"`
}

func (*MaxAge) long(n *yaml.Node) *yaml.Node { return shortScalar(n, "enter", "stay") }

// Builders demands independent builds of the same digest.
type Builders struct {
	Threshold int `yaml:"threshold"`
}

// Attached is evidence that others made and that is bound to the artifact by its digest only. It must be there.
type Attached struct {
	Type      string   `yaml:"type"`
	SignedBy  []string `yaml:"signedBy"`
	Artifacts []string `yaml:"artifacts"` // kinds of artifact that need it; empty: all
}

// Artifact is a kind of artifact: the stage that makes it, and where it may lie.
type Artifact struct {
	Product      string   `yaml:"product"`
	Repositories []string `yaml:"repositories"`
}

// Environment is where artifacts run.
type Environment struct {
	From       string              `yaml:"from"`
	Stages     map[string][]string `yaml:"stages"` // kind of artifact → stages; the key "" stands for the only kind
	PromotedBy []string            `yaml:"promotedBy"`
	Protected  bool                `yaml:"protected"`
	Approvals  *Approvals          `yaml:"approvals"`
	BreakGlass *BreakGlass         `yaml:"breakGlass"`
	Rollback   string              `yaml:"rollback"` // RollbackRefuse (default) or RollbackAllow: an older release in place of a newer one
}

func (*Environment) long(n *yaml.Node) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return n
	}
	out := *n
	out.Content = append([]*yaml.Node(nil), n.Content...)
	for i := 0; i+1 < len(out.Content); i += 2 {
		if v := out.Content[i+1]; out.Content[i].Value == "stages" && v.Kind == yaml.SequenceNode {
			out.Content[i+1] = wrap(v, "")
		}
	}
	return &out
}

// Approvals are signatures of people that an environment asks for.
type Approvals struct {
	By         string   `yaml:"by"`
	Threshold  int      `yaml:"threshold"`
	ValidFor   Duration `yaml:"validFor"`
	NotBy      []string `yaml:"notBy"`      // identities, and stage:NAME for whoever signed that stage of the artifact's chain
	BindPolicy string   `yaml:"bindPolicy"` // "name" (default) or "digest"
}

// Waiver accepts one finding for a time.
type Waiver struct {
	Rule    string      `yaml:"rule" json:"rule"`
	Scope   WaiverScope `yaml:"scope" json:"scope"`
	Reason  string      `yaml:"reason" json:"reason"`
	Owner   string      `yaml:"owner" json:"owner"`
	Ticket  string      `yaml:"ticket" json:"ticket,omitempty"`
	From    time.Time   `yaml:"from" json:"from,omitzero"` // before it, it does not count; maxWaiver of the policy needs it
	Expires time.Time   `yaml:"expires" json:"expires"`
}

// WaiverScope is what the waiver is about; every field that is given must match exactly.
type WaiverScope struct {
	Advisory string `yaml:"advisory" json:"advisory,omitempty"`
	PURL     string `yaml:"purl" json:"purl,omitempty"`
	Path     string `yaml:"path" json:"path,omitempty"`
	Resource string `yaml:"resource" json:"resource,omitempty"`
	Subject  string `yaml:"subject" json:"subject,omitempty"`

	Fingerprint string `yaml:"fingerprint" json:"fingerprint,omitempty"` // of one finding
	Everywhere  bool   `yaml:"everywhere" json:"everywhere,omitempty"`   // the advisory, wherever it turns up, or all that the rule finds in the subject: the one word that says so
}

// Revocation takes trust back. Exactly one of the first four is given.
type Revocation struct {
	Subject   string    `yaml:"subject"`   // alg:hex
	Statement string    `yaml:"statement"` // sha256:…
	Identity  string    `yaml:"identity"`  // a name of the policy, or a key's sha256:…
	Serial    string    `yaml:"serial"`    // of a certificate
	From      time.Time `yaml:"from"`      // for identities: signatures with a trusted time before it still count; zero: none does
	Reason    string    `yaml:"reason"`
}

// RevocationsFile is revoked.yaml.
type RevocationsFile struct {
	APIVersion string       `yaml:"apiVersion"`
	Kind       string       `yaml:"kind"`
	Revoked    []Revocation `yaml:"revoked"`
}

// Policy is a loaded policy: everything that decides but the evidence and the time. It is never changed once loaded.
type Policy struct {
	PolicyFile
	Waivers []Waiver
	Known   []Baselined // baseline.yaml
	Revoked []Revocation
	URI     string
	Digest  attest.Digest // over the canonical list of its files
	Files   map[string]attest.Digest
	Origin  Origin

	rules        *rules.Set
	modules      []rules.Module        // its own Rego
	keys         map[string]trustedKey // identity name → key
	names        map[string][]string   // key id → identity names, groups left out
	certificates []certificate         // identities that certificates prove, by name
	localNames   []string
	root         []byte            // the trusted_root.json that trust names, nil for none or a public instance
	rootDigest   attest.Digest     // of the trust root, zero for none
	content      map[string][]byte // its files, as Files names them
	parsedAs     string            // by what it was called when it was read; its rules say so in messages
}

// Content gives the bytes of one of its Files, which must not be changed.
func (p *Policy) Content(name string) []byte { return p.content[name] }

// ParsedAs is what ParsePolicy was told that it is called. With the same files and the same name it is the same policy.
func (p *Policy) ParsedAs() string { return p.parsedAs }

// Origin says where the policy came from, as far as that weakens it.
type Origin struct {
	FromTree bool // named by the sealock.yaml of the tree under judgement
	Signed   bool // its signature was verified against a key from outside
}

type trustedKey struct {
	id   string
	key  crypto.PublicKey
	file string
}

// Keys lists the public keys of all identities.
func (p *Policy) Keys() []crypto.PublicKey {
	var out []crypto.PublicKey
	for _, name := range sortedKeys(p.keys) {
		out = append(out, p.keys[name].key)
	}
	return out
}

// LocalKeys are the identities whose keys come from the user's key folder.
func (p *Policy) LocalKeys() []string { return p.localNames }

// Modules are the policy's own Rego files, tests included.
func (p *Policy) Modules() []rules.Module { return p.modules }

// RuleSet is the compiled rules of the policy.
func (p *Policy) RuleSet() *rules.Set { return p.rules }

// expand resolves identity names to the names of single identities.
func (p *Policy) expand(names []string) map[string]bool {
	out := map[string]bool{}
	seen := map[string]bool{}
	var add func(name string)
	add = func(name string) {
		id, ok := p.Identities[name]
		if !ok || seen[name] {
			return
		}
		seen[name] = true
		if len(id.AnyOf) == 0 {
			out[name] = true
		}
		for _, n := range id.AnyOf {
			add(n)
		}
	}
	for _, n := range names {
		add(n)
	}
	return out
}

// Path lists the environments through which an artifact gets to env, env last.
func (p *Policy) Path(env string) []string {
	var out []string
	for name := env; name != "" && len(out) <= len(p.Environments); name = p.Environments[name].From {
		out = append([]string{name}, out...)
	}
	return out
}

// RequiredStages are the stages that an artifact of a kind needs for env, those of every environment before included.
func (p *Policy) RequiredStages(env, kind string) []string {
	set := map[string]bool{}
	if product := p.Artifacts[kind].Product; product != "" {
		set[product] = true
	}
	for _, e := range p.Path(env) {
		stages := p.Environments[e].Stages
		list, ok := stages[kind]
		if !ok {
			list = stages[""]
		}
		for _, s := range list {
			set[s] = true
		}
	}
	return p.StageOrder(set)
}

// StageOrder sorts stages so that each comes after those it names in `after`, then by name.
func (p *Policy) StageOrder(set map[string]bool) []string {
	var out []string
	done := map[string]bool{}
	var visit func(string)
	visit = func(s string) {
		if done[s] {
			return
		}
		done[s] = true
		for _, a := range p.Stages[s].After {
			visit(a.Stage)
		}
		if set[s] {
			out = append(out, s)
		}
	}
	for _, s := range sortedKeys(p.Stages) {
		visit(s)
	}
	return out
}

// EnvironmentOrder sorts all environments, each after the one it comes from.
func (p *Policy) EnvironmentOrder() []string {
	var out []string
	done := map[string]bool{}
	for _, e := range sortedKeys(p.Environments) {
		for _, name := range p.Path(e) {
			if !done[name] {
				done[name] = true
				out = append(out, name)
			}
		}
	}
	return out
}

// Params are the parameters of every rule in an environment; "" stands for those that hold everywhere.
func (p *Policy) Params(env string) map[string]map[string]any {
	out := map[string]map[string]any{}
	for id, params := range p.Rules {
		m := map[string]any{}
		for k, v := range params {
			m[k] = v
		}
		out[id] = m
	}
	for id, params := range p.EnvironmentRules[env] {
		if out[id] == nil {
			out[id] = map[string]any{}
		}
		for k, v := range params {
			out[id][k] = v
		}
	}
	return out
}

// shortScalar reads a scalar as a mapping that gives it to each of the keys.
func shortScalar(n *yaml.Node, keys ...string) *yaml.Node {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return n
	}
	return wrap(n, keys...)
}

func wrap(n *yaml.Node, keys ...string) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: n.Line, Column: n.Column}
	for _, k := range keys {
		out.Content = append(out.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: k, Line: n.Line, Column: n.Column}, n)
	}
	return out
}
