// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// namespace is what the tree says of one.
type namespace struct {
	name   string
	known  bool                // there is a Namespace object
	labels []map[string]string // one set for each object of the name; a tree may hold several overlays
}

// may reports whether the namespace is, or for all that is known may be, one that is selected.
func (n *namespace) may(s selector) bool {
	if len(s) == 0 {
		return true
	}
	if !n.known {
		own := map[string]string{nameLabel: n.name}
		return !slices.ContainsFunc(s, func(r requirement) bool { return r.key == nameLabel && !r.matches(own) })
	}
	return slices.ContainsFunc(n.labels, s.matches)
}

// workload is one pod template.
type workload struct {
	name, kind  string
	item        int
	path        []any
	namespace   *namespace
	labels      map[string]string
	account     string
	accountInfo []map[string]string // the labels of its ServiceAccount; none if the tree does not have it
	hostNetwork bool
	ports       []containerPort
	mesh        interception

	entries  [2][]entry // rules that hold for it, for ingress and egress, until they are in order
	closed   [2][]tier  // tiers that deny what their rules don't mean
	levels   [2]levels
	isolated [2]bool
	auth     authorization
}

type containerPort struct {
	name   string
	proto  protocol
	number int
}

// interception is which inbound ports go through the mesh's proxy.
type interception struct {
	none     bool
	only     []int // nil: all
	excluded []int
}

func (m interception) at(port int) bool {
	return !m.none && (m.only == nil || slices.Contains(m.only, port)) && !slices.Contains(m.excluded, port)
}

// world is everything that was read.
type world struct {
	namespaces map[string]*namespace
	workloads  []*workload
	services   map[string]service             // by namespace/name
	accounts   map[string][]map[string]string // labels of ServiceAccounts, likewise
	policies   []*policy
	tiers      map[string]calicoTier
	sets       []calicoSet
	antrea     antrea
	auths      []*authPolicy
	unread     []predicate.FlowFault

	rules  []rule // of all policies
	holds  []bits // for each rule, the workloads that may be among its peers; of one that denies those that surely are
	surely []bits // likewise, those that surely are

	sharing map[rank]shared // how many policies have one place
	inTree  map[string]bool
	parts   int
	table   []predicate.FlowRule
}

func read(objects iter.Seq[Object]) (*world, error) {
	w := &world{namespaces: map[string]*namespace{}, services: map[string]service{}, accounts: map[string][]map[string]string{}, tiers: map[string]calicoTier{}, inTree: map[string]bool{},
		antrea: antrea{tiers: map[string]int{}, groups: map[string]value{}}}
	for o := range objects {
		w.readNamespace(o)
		w.readAccount(o)
		w.readCalico(o)
		w.readAntrea(o)
	}
	for o := range objects {
		w.readWorkload(o)
		if len(w.workloads) > MaxWorkloads {
			return nil, &LimitError{"workloads", MaxWorkloads}
		}
	}
	slices.SortStableFunc(w.workloads, func(a, b *workload) int {
		return strings.Compare(a.name+"\x00"+a.kind, b.name+"\x00"+b.kind)
	})
	for o := range objects {
		if err := w.readPolicy(o); err != nil {
			return nil, err
		}
	}
	w.bindServices()
	return w, nil
}

// known is the namespace of a name, which is made if there is no object for it.
func (w *world) known(name string) *namespace {
	if w.namespaces[name] == nil {
		w.namespaces[name] = &namespace{name: name}
	}
	return w.namespaces[name]
}

func (w *world) readNamespace(o Object) {
	x := value{v: o.Object}
	if kind, _ := x.get("kind").text(); kind != "Namespace" || group(x) != "" {
		return
	}
	name, _ := x.get("metadata", "name").text()
	labels, err := x.get("metadata", "labels").stringMap()
	if err != nil || name == "" {
		return
	}
	labels[nameLabel] = name
	n := w.known(name)
	n.known = true
	n.labels = append(n.labels, labels)
}

func (w *world) readAccount(o Object) {
	x := value{v: o.Object}
	if kind, _ := x.get("kind").text(); kind != "ServiceAccount" || group(x) != "" {
		return
	}
	name, _ := x.get("metadata", "name").text()
	if labels, err := x.get("metadata", "labels").stringMap(); err == nil {
		labels[calicoName] = name
		at := o.Namespace + "/" + name
		w.accounts[at] = append(w.accounts[at], labels)
	}
}

// accountMay reports that a workload runs as a service account that is, or for all that is known may be, one that is selected.
func (w *workload) accountMay(s selector) bool {
	if len(s) == 0 {
		return true
	}
	if len(w.accountInfo) == 0 {
		own := map[string]string{calicoName: w.account}
		return !slices.ContainsFunc(s, func(r requirement) bool { return r.key == calicoName && !r.matches(own) })
	}
	return slices.ContainsFunc(w.accountInfo, s.matches)
}

// knows reports that the tree says all that a peer asks of a workload's namespace and service account.
func (w *workload) knows(p peer) bool {
	return (len(p.ns) == 0 || w.namespace.known && !slices.ContainsFunc(w.namespace.labels, func(l map[string]string) bool { return !p.ns.matches(l) })) &&
		(len(p.accounts) == 0 || len(w.accountInfo) > 0 && !slices.ContainsFunc(w.accountInfo, func(l map[string]string) bool { return !p.accounts.matches(l) }))
}

func group(x value) string {
	v, _ := x.get("apiVersion").text()
	g, _, ok := strings.Cut(v, "/")
	if !ok {
		return ""
	}
	return g
}

// podTemplates are where a kind has its pod template; other kinds are looked at under the first.
var podTemplates = map[string][]string{
	"":            {"spec", "template"},
	"Pod":         {},
	"PodTemplate": {"template"},
	"CronJob":     {"spec", "jobTemplate", "spec", "template"},
	"ScaledJob":   {"spec", "jobTargetRef", "template"},
}

func templatePath(kind string) []string {
	if at, ok := podTemplates[kind]; ok {
		return at
	}
	return podTemplates[""]
}

func (w *world) readWorkload(o Object) {
	x := value{v: o.Object}
	kind, _ := x.get("kind").text()
	if kind == "Service" && group(x) == "" {
		if sel, err := x.get("spec", "selector").stringMap(); err == nil && len(sel) > 0 {
			name, _ := x.get("metadata", "name").text()
			s := selector{}
			for _, k := range sortedKeys(sel) {
				s = append(s, requirement{k, opIn, []string{sel[k]}})
			}
			labels, _ := x.get("metadata", "labels").stringMap()
			w.services[o.Namespace+"/"+name] = service{s, labels}
		}
		return
	}
	template := x.get(templatePath(kind)...)
	spec := template.get("spec")
	if l, ok := spec.get("containers").v.([]any); !ok || len(l) == 0 {
		return
	}
	name, _ := x.get("metadata", "name").text()
	if name == "" {
		name, _ = x.get("metadata", "generateName").text()
	}
	one := &workload{name: o.Namespace + "/" + name, kind: kind, item: o.Item, path: template.path, namespace: w.known(o.Namespace), labels: looseLabels(template)}
	if one.path == nil {
		one.path = []any{}
	}
	if kind == "Job" {
		one.labels["job-name"], one.labels["batch.kubernetes.io/job-name"] = name, name
	}
	one.account, _ = spec.get("serviceAccountName").text()
	if one.account == "" {
		one.account, _ = spec.get("serviceAccount").text()
	}
	if one.account == "" {
		one.account = "default"
	}
	one.accountInfo = w.accounts[o.Namespace+"/"+one.account]
	one.hostNetwork, _ = spec.get("hostNetwork").v.(bool)
	for _, field := range []string{"containers", "initContainers"} {
		one.readPorts(spec.get(field))
	}
	one.readMesh(template)
	w.workloads = append(w.workloads, one)
}

// looseLabels are the labels of a pod; values of a wrong type are those of no selector.
func looseLabels(template value) map[string]string {
	out := map[string]string{}
	m, _ := template.get("metadata", "labels").v.(map[string]any)
	for k, v := range m {
		if s, ok := v.(string); ok {
			out[k] = s
		}
	}
	return out
}

func (w *workload) readPorts(containers value) {
	l, _ := containers.list()
	for _, c := range l {
		ports, _ := c.get("ports").list()
		for _, p := range ports {
			n, ok := p.get("containerPort").number()
			protos, err := readProtocol(p.get("protocol"), false)
			name, _ := p.get("name").text()
			if ok && err == nil && name != "" && n >= 1 && n <= 65535 {
				w.ports = append(w.ports, containerPort{name, protos[0], n})
			}
		}
	}
}

// Annotations of a pod that keep connections away from Istio's proxy.
const (
	injectKey    = "sidecar.istio.io/inject"
	excludePorts = "traffic.sidecar.istio.io/excludeInboundPorts"
	includePorts = "traffic.sidecar.istio.io/includeInboundPorts"
)

// readMesh sees what keeps connections away from Istio's proxy.
func (w *workload) readMesh(template value) {
	annotation := func(key string) string {
		s, _ := template.get("metadata", "annotations", key).text()
		return s
	}
	inject := annotation(injectKey)
	if l := w.labels[injectKey]; l != "" {
		inject = l
	}
	optedOut := w.namespace.known && !slices.ContainsFunc(w.namespace.labels, func(l map[string]string) bool { return l["istio-injection"] != "disabled" })
	w.mesh.none = inject == "false" || w.hostNetwork || optedOut && inject != "true"
	w.mesh.excluded = portList(annotation(excludePorts))
	if m, _ := template.get("metadata", "annotations").v.(map[string]any); m[includePorts] != nil {
		if s := annotation(includePorts); s != "*" {
			w.mesh.only = append([]int{}, portList(s)...)
		}
	}
}

func portList(s string) []int {
	var out []int
	for _, part := range strings.Split(s, ",") {
		var n int
		if _, err := fmt.Sscanf(strings.TrimSpace(part), "%d", &n); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// wire is the workload as the graph shows it.
func (w *workload) wire() predicate.FlowWorkload {
	ns := map[string]string{}
	if len(w.namespace.labels) > 0 {
		ns = maps.Clone(w.namespace.labels[0])
	}
	return predicate.FlowWorkload{Name: w.name, Kind: w.kind, Item: w.item, Path: w.path, Labels: w.labels, NamespaceLabels: ns, ServiceAccount: w.account,
		HostNetwork: w.hostNetwork, Ingress: w.isolated[0], Egress: w.isolated[1], Authorized: w.auth.limited}
}
