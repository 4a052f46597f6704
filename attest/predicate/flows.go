// SPDX-License-Identifier: Apache-2.0

package predicate

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// FlowGraph is who may open connections to whom, as the Kubernetes manifests of a tree say it. Lists are never null; their order is the same for
// the same manifests. Items are the numbers that the scan gave to the manifests, paths lead into them.
type FlowGraph struct {
	Workloads  []FlowWorkload   `json:"workloads"`
	Endpoints  []FlowEndpoint   `json:"endpoints"`  // the ends of flows that are no workload of the tree
	Rules      []FlowRule       `json:"rules"`      // what the policies say, in one form
	Flows      []Flow           `json:"flows"`      // see the package flows for what stands for what
	Unread     []FlowFault      `json:"unread"`     // policies that the API server would refuse, or that are of a kind which is not understood
	Comparison []FlowDifference `json:"comparison"` // against the declared flows; empty if they are equal, null if none are declared
}

// FlowWorkload is one pod template.
type FlowWorkload struct {
	Name            string            `json:"name"` // namespace/name
	Kind            string            `json:"kind"`
	Item            int               `json:"item"`
	Path            []any             `json:"path"` // to the pod template
	Labels          map[string]string `json:"labels"`
	NamespaceLabels map[string]string `json:"namespaceLabels"`
	ServiceAccount  string            `json:"serviceAccount"`
	HostNetwork     bool              `json:"hostNetwork"` // policies for pods don't hold for it
	Ingress         bool              `json:"ingressIsolated"`
	Egress          bool              `json:"egressIsolated"`
	Authorized      bool              `json:"authorized"` // an AuthorizationPolicy limits what may be asked of it
}

// Kinds of endpoints.
const (
	EndpointPods  = "pods"  // pods that are not of the tree, by a selector, or by namespace and service account
	EndpointWorld = "world" // any address, or nearly
	EndpointCIDR  = "cidr"  // some addresses
	EndpointName  = "name"  // a DNS name, a service, or one of Cilium's entities
)

// FlowEndpoint is an end of flows outside the tree.
type FlowEndpoint struct {
	Name            string            `json:"name"`
	Kind            string            `json:"kind"`
	Labels          map[string]string `json:"labels"`          // those that its pods surely have
	NamespaceLabels map[string]string `json:"namespaceLabels"` // those that its namespace surely has
}

// FlowRule is one rule of a policy.
type FlowRule struct {
	Item      int        `json:"item"`
	Path      []any      `json:"path"`
	Policy    string     `json:"policy"`    // "NetworkPolicy shop/auth"
	Direction string     `json:"direction"` // ingress, egress or authorization
	Effect    string     `json:"effect"`    // allow, deny, or pass: a later tier of policies decides
	Selects   int        `json:"selects"`   // how many workloads of the tree it holds for
	Peers     []FlowPeer `json:"peers"`     // empty for authorization
	Ports     []FlowPort `json:"ports"`     // empty: all
}

// FlowPeer is one peer of a rule. Kind is everyone, cluster (all pods of all namespaces), pods, world, cidr or name.
type FlowPeer struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	Path []any  `json:"path"`
}

// FlowPort is a port, a range of ports, or a port's name. Port 0 without a name is all of the protocol's.
type FlowPort struct {
	Protocol string `json:"protocol"` // TCP, UDP, SCTP, other (such as ICMP), any
	Port     int    `json:"port"`
	EndPort  int    `json:"endPort,omitempty"`
	PortName string `json:"portName,omitempty"` // of a port whose number the tree does not say
}

// Flow is a connection that may be opened. Methods and Paths null mean any, empty that every request is refused; the Except
// fields are what is taken away.
type Flow struct {
	From string `json:"from"`
	To   string `json:"to"`
	FlowPort
	Methods       []string  `json:"methods"`
	ExceptMethods []string  `json:"exceptMethods,omitempty"`
	Paths         []string  `json:"paths"`
	ExceptPaths   []string  `json:"exceptPaths,omitempty"`
	Via           []FlowVia `json:"via"` // the rules that allow it: egress, ingress, authorization. Where one end is not isolated there is none of that direction.
}

// FlowVia is a rule that allows a flow.
type FlowVia struct {
	Item int   `json:"item"`
	Path []any `json:"path"`
}

// FlowFault is a policy, or a part of one, that could not be read; it holds for nothing.
type FlowFault struct {
	Item    int    `json:"item"`
	Path    []any  `json:"path"`
	Policy  string `json:"policy"`
	Kind    string `json:"kind"` // invalid or unsupported
	Message string `json:"message"`
}

// Kinds of faults and differences.
const (
	FaultInvalid     = "invalid"     // the API server would refuse it
	FaultUnsupported = "unsupported" // a kind of policy that is not understood
	FlowUndeclared   = "undeclared"
	FlowImpossible   = "impossible"
)

// FlowDifference is a flow that is allowed and not declared, or declared and not possible.
type FlowDifference struct {
	Kind string `json:"kind"`
	From string `json:"from"`
	To   string `json:"to"`
	FlowPort
	Methods  []string `json:"methods"`
	Paths    []string `json:"paths"`
	Item     int      `json:"item"` // where to look: the rule that allows it, or the workload
	Path     []any    `json:"path"`
	Message  string   `json:"message"`
	Found    string   `json:"found"`
	Expected string   `json:"expected"`
}

// DeclaredFlow is one entry of a policy's flows: who may talk to whom.
type DeclaredFlow struct {
	From     string   `yaml:"from" json:"from"`         // namespace/workload, an endpoint's name, namespace/*, */*, world, a CIDR, a DNS name
	To       string   `yaml:"to" json:"to"`             // likewise
	Port     string   `yaml:"port" json:"port"`         // number, name, or range such as 8000-8100; left out: any
	Protocol string   `yaml:"protocol" json:"protocol"` // TCP (default), UDP, SCTP or any
	Methods  []string `yaml:"methods" json:"methods"`   // left out: any
	Paths    []string `yaml:"paths" json:"paths"`       // /exact, /prefix*, *suffix, /with/{*}/one/segment, /with/{**}; left out: any
}

// MaxDeclaredFlows is how many flows a policy can declare.
const MaxDeclaredFlows = 5000

// CheckDeclared says what is wrong with declared flows; the error names the entry.
func CheckDeclared(flows []DeclaredFlow) error {
	if len(flows) > MaxDeclaredFlows {
		return fmt.Errorf("flows: %d are declared, limit %d\nhint: namespace/* stands for all workloads of a namespace", len(flows), MaxDeclaredFlows)
	}
	for i, f := range flows {
		if err := f.Check(); err != nil {
			return fmt.Errorf("flows[%d]: %w", i, err)
		}
	}
	return nil
}

var (
	portName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`) })
	anEnd    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[^\s/][^/]*/.+$`) })
	dnsName  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9*][A-Za-z0-9*_.-]*$`) })
)

// Check says what is wrong with a declared flow.
func (d DeclaredFlow) Check() error {
	for _, end := range []struct{ name, value string }{{"from", d.From}, {"to", d.To}} {
		if err := checkEnd(end.value); err != nil {
			return fmt.Errorf("%s: %w", end.name, err)
		}
	}
	switch d.Protocol {
	case "", "TCP", "UDP", "SCTP", "any":
	default:
		return fmt.Errorf("protocol: expected TCP, UDP, SCTP or any, found %q", d.Protocol)
	}
	if _, _, _, err := d.Ports(); err != nil {
		return err
	}
	for i, m := range d.Methods {
		if m == "" || strings.ToUpper(m) != m || strings.ContainsAny(m, " *") {
			return fmt.Errorf("methods[%d]: expected a method such as GET, found %q\nhint: leave methods out to declare any", i, m)
		}
	}
	for i, p := range d.Paths {
		if !strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "*") && !strings.HasPrefix(p, "regex:") {
			return fmt.Errorf("paths[%d]: expected /exact, /prefix* or *suffix, found %q", i, p)
		}
	}
	return nil
}

func checkEnd(s string) error {
	if s == "" {
		return errors.New("is missing\nhint: write namespace/workload, namespace/*, world or a CIDR")
	}
	if s == EndpointWorld || strings.Contains(s, " except ") {
		return nil
	}
	if p, err := netip.ParsePrefix(s); err == nil {
		if p != p.Masked() {
			return fmt.Errorf("%q has bits beyond its length\nhint: write %s", s, p.Masked())
		}
		return nil
	}
	if anEnd().MatchString(s) || dnsName().MatchString(s) {
		return nil
	}
	return fmt.Errorf("expected namespace/workload, namespace/label=value, namespace/*, world or a CIDR, found %q", s)
}

// Ports are the numbers that a declared flow names, or the name of a port. 1 to 65535 if it names none.
func (d DeclaredFlow) Ports() (lo, hi int, name string, err error) {
	if d.Port == "" {
		return 1, 65535, "", nil
	}
	first, last, isRange := strings.Cut(d.Port, "-")
	lo, err1 := strconv.Atoi(first)
	if !isRange {
		last = first
	}
	hi, err2 := strconv.Atoi(last)
	switch {
	case err1 == nil && err2 == nil && lo >= 1 && hi <= 65535 && lo <= hi:
		return lo, hi, "", nil
	case err1 != nil && len(d.Port) <= 63 && portName().MatchString(d.Port):
		return 0, 0, d.Port, nil
	}
	return 0, 0, "", fmt.Errorf("port: expected a number of 1 to 65535, a range such as 8000-8100, or a name, found %q", d.Port)
}
