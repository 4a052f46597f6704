// SPDX-License-Identifier: Apache-2.0

package flows_test

import (
	"slices"
	"strings"
	"testing"
)

func admin(kind, spec string) string {
	version := "v1alpha1"
	if kind == "ClusterNetworkPolicy" {
		version = "v1alpha2"
	}
	return "---\napiVersion: policy.networking.k8s.io/" + version + "\nkind: " + kind + "\nmetadata: {name: p}\nspec: " + spec + "\n"
}

func calico(kind, nsName, spec string) string {
	ns, name, _ := strings.Cut(nsName, "/")
	return "---\napiVersion: projectcalico.org/v3\nkind: " + kind + "\nmetadata: {name: " + name + ", namespace: " + ns + "}\nspec: " + spec + "\n"
}

const spaces = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {team: a}}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: b, labels: {team: b}}\n"

func TestTiers(t *testing.T) {
	ab := spaces + world("a/one app=one http:8080", "b/two app=two sa=caller http:9090")
	const denyB, passB = "{priority: 5, subject: {namespaces: {matchLabels: {team: a}}}, ingress: [{action: Deny, from: [{namespaces: {matchLabels: {team: b}}}]}]}",
		"{priority: 5, subject: {namespaces: {matchLabels: {team: a}}}, ingress: [{action: Pass, from: [{namespaces: {matchLabels: {team: b}}}]}]}"
	const baseline = "{subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}"
	letB := policyYAML("NetworkPolicy", "a/n", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: b}}}]}]}")
	all, open := []string{"*/* -> a/one any", "[team=b]/* -> a/one any", "b/two -> a/one any", "world -> a/one any"}, []string{"*/* -> a/one any", "world -> a/one any"}
	two := []string{"[team=b]/* -> a/one any", "b/two -> a/one any"}
	for _, c := range []struct {
		name, manifests string
		want            []string
	}{
		{"to deny comes before a NetworkPolicy that allows", ab + admin("AdminNetworkPolicy", denyB) + letB, nil},
		{"to allow comes before a NetworkPolicy that isolates", ab + admin("AdminNetworkPolicy", strings.Replace(denyB, "Deny", "Allow", 1)) + policyYAML("NetworkPolicy", "a/n", noIn), two},
		{"to pass leaves it to the NetworkPolicy", ab + admin("AdminNetworkPolicy", passB) + letB, two},
		{"to pass leaves it to the baseline", ab + admin("AdminNetworkPolicy", passB) + admin("BaselineAdminNetworkPolicy", baseline), []string{"world -> a/one any"}},
		{"a NetworkPolicy comes before the baseline", ab + letB + admin("BaselineAdminNetworkPolicy", baseline), two},
		{"the baseline of another version", ab + admin("ClusterNetworkPolicy", "{tier: Baseline, priority: 0, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}"), []string{"world -> a/one any"}},
		{"to accept", ab + admin("ClusterNetworkPolicy", "{tier: Admin, priority: 0, subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: one}}}}, ingress: [{action: Accept, protocols: [{tcp: {destinationPort: {number: 80}}}, {destinationNamedPort: http}], from: [{pods: {namespaceSelector: {matchLabels: {team: b}}, podSelector: {}}}]}]}") +
			policyYAML("NetworkPolicy", "a/n", noIn), []string{"[team=b]/* -> a/one TCP 80", "[team=b]/* -> a/one TCP 8080", "b/two -> a/one TCP 80", "b/two -> a/one TCP 8080"}},
		{"the lower number comes first", ab + admin("AdminNetworkPolicy", denyB) + strings.Replace(admin("AdminNetworkPolicy", strings.Replace(denyB, "Deny", "Allow", 1)), "priority: 5", "priority: 4", 1), all},
		{"of two with one number nobody knows", ab + admin("AdminNetworkPolicy", denyB) + admin("AdminNetworkPolicy", strings.Replace(denyB, "Deny", "Allow", 1)), all},
		{"rules in order", ab + admin("AdminNetworkPolicy", "{priority: 5, subject: {namespaces: {}}, ingress: [{action: Allow, from: [{namespaces: {matchLabels: {team: b}}}], ports: [{portNumber: {protocol: TCP, port: 80}}]}, {action: Deny, from: [{namespaces: {}}]}]}"),
			[]string{"[team=b]/* -> a/one TCP 80", "b/two -> a/one TCP 80", "world -> a/one any"}},
		{"labels that both ends share deny nothing surely", ab + admin("AdminNetworkPolicy", "{priority: 5, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {notSameLabels: [team]}}]}]}"), open},
		{"selectors inside namespaces", ab + admin("AdminNetworkPolicy", "{priority: 5, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {namespaceSelector: {}}}]}]}"), []string{"world -> a/one any"}},

		{"calico: a policy of the default tier closes", ab + calico("GlobalNetworkPolicy", "/d", "{selector: all(), types: [Ingress]}"), nil},
		{"calico: order", ab + calico("GlobalNetworkPolicy", "/d", "{order: 2, selector: all(), ingress: [{action: Deny}]}") + calico("GlobalNetworkPolicy", "/e", "{order: 1, selector: app == 'one', ingress: [{action: Allow, source: {serviceAccounts: {names: [caller]}}}]}"),
			[]string{"*/sa:caller -> a/one any", "b/two -> a/one any"}},
		{"calico: a NetworkPolicy has the order 1000", ab + letB + calico("GlobalNetworkPolicy", "/d", "{order: 1001, selector: all(), ingress: [{action: Deny}]}"), two},
		{"calico: before a NetworkPolicy", ab + letB + calico("GlobalNetworkPolicy", "/d", "{order: 999, selector: all(), ingress: [{action: Deny}]}"), nil},
		{"calico: to pass the last tier", ab + calico("GlobalNetworkPolicy", "/d", "{selector: all(), ingress: [{action: Pass, source: {namespaceSelector: team == 'b'}}]}"), two},
		{"calico: sets of addresses", ab + "---\napiVersion: projectcalico.org/v3\nkind: GlobalNetworkSet\nmetadata: {name: s, labels: {kind: partner}}\nspec: {nets: [192.0.2.0/24]}\n" +
			calico("NetworkPolicy", "a/p", "{selector: all(), ingress: [{action: Allow, protocol: TCP, source: {selector: kind == 'partner', namespaceSelector: global()}, destination: {ports: [80, '90:92']}}]}"),
			[]string{"192.0.2.0/24 -> a/one TCP 80", "192.0.2.0/24 -> a/one TCP 90-92", "nodes -> a/one TCP 80", "nodes -> a/one TCP 90-92"}},
		{"calico: requests", ab + calico("NetworkPolicy", "a/p", "{selector: all(), ingress: [{action: Allow, source: {selector: app == 'two', namespaceSelector: all()}, http: {methods: [GET], paths: [{exact: /a}, {prefix: /b}]}}]}"),
			[]string{"*/app=two -> a/one TCP GET /a,/b*", "b/two -> a/one TCP GET /a,/b*"}},
		{"calico: in its own namespace", ab + calico("NetworkPolicy", "a/p", "{selector: all(), ingress: [{action: Allow, source: {selector: all()}}]}"), []string{"a/one -> a/one any"}},
		{"calico: about nodes", ab + calico("GlobalNetworkPolicy", "/p", "{selector: all(), preDNAT: true, applyOnForward: true, ingress: [{action: Deny}]}"), open},
		{"calico: a rule for one of those selected", ab + calico("GlobalNetworkPolicy", "/p", "{selector: all(), ingress: [{action: Allow, destination: {selector: app == 'two'}}]}"), nil},
		{"calico: to deny some addresses denies no pod", ab + calico("GlobalNetworkPolicy", "/p", "{selector: all(), ingress: [{action: Deny, source: {nets: [10.0.0.0/8]}}, {action: Allow}]}"),
			[]string{"*/* -> a/one any", "a/one -> a/one any", "b/two -> a/one any", "world -> a/one any"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := compute(t, c.manifests, "")
			if got := about(shown(g), "a/one"); !slices.Equal(got, append([]string{}, c.want...)) {
				t.Errorf("flows to a/one:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			if len(g.Unread) > 0 {
				t.Errorf("unread: %+v", g.Unread)
			}
		})
	}
}

func TestTiers_Refused(t *testing.T) {
	for name, manifest := range map[string]string{
		"a priority too large":         admin("AdminNetworkPolicy", "{priority: 1001, subject: {namespaces: {}}}"),
		"no subject":                   admin("AdminNetworkPolicy", "{priority: 1}"),
		"two subjects":                 admin("AdminNetworkPolicy", "{priority: 1, subject: {namespaces: {}, pods: {}}}"),
		"no peers":                     admin("AdminNetworkPolicy", "{priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny}]}"),
		"a peer of two kinds":          admin("AdminNetworkPolicy", "{priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}, pods: {}}]}]}"),
		"networks for ingress":         admin("AdminNetworkPolicy", "{priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{networks: [10.0.0.0/8]}]}]}"),
		"an action of another version": admin("AdminNetworkPolicy", "{priority: 1, subject: {namespaces: {}}, ingress: [{action: Accept, from: [{namespaces: {}}]}]}"),
		"to pass in the baseline":      admin("BaselineAdminNetworkPolicy", "{subject: {namespaces: {}}, ingress: [{action: Pass, from: [{namespaces: {}}]}]}"),
		"a baseline with a priority":   admin("BaselineAdminNetworkPolicy", "{priority: 1, subject: {namespaces: {}}}"),
		"a tier unknown":               admin("ClusterNetworkPolicy", "{tier: Top, priority: 1, subject: {namespaces: {}}}"),
		"ports from high to low":       admin("AdminNetworkPolicy", "{priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}], ports: [{portRange: {start: 9, end: 8}}]}]}"),
		"calico: an action unknown":    calico("NetworkPolicy", "a/p", "{ingress: [{action: Accept}]}"),
		"calico: a selector cut off":   calico("NetworkPolicy", "a/p", "{selector: \"app ==\"}"),
		"calico: a port too large":     calico("NetworkPolicy", "a/p", "{ingress: [{action: Deny, protocol: TCP, destination: {ports: [70000]}}]}"),
		"calico: a type in lower case": calico("NetworkPolicy", "a/p", "{types: [ingress]}"),
		"calico: a field misspelt":     calico("NetworkPolicy", "a/p", "{selecter: all()}"),
	} {
		t.Run(name, func(t *testing.T) {
			g := compute(t, world("a/one app=one")+manifest, "")
			if len(g.Unread) != 1 || g.Unread[0].Kind != "invalid" || g.Unread[0].Item != 1 || g.Unread[0].Path == nil {
				t.Errorf("unread: %+v", g.Unread)
			}
			if g.Workloads[0].Ingress {
				t.Error("a policy that is refused isolates")
			}
		})
	}
}

// Pods of jobs, namespaces without an object, and pods whose ports of one name differ.
func TestNetworkPolicies_WhoIsMeant(t *testing.T) {
	job := "---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: job, namespace: b}\nspec: {jobTemplate: {spec: {template: {metadata: {labels: {app: job}}, spec: {containers: [{name: c}]}}}}}\n" +
		"---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: once, namespace: b}\nspec: {template: {spec: {containers: [{name: c}]}}}\n"
	text := world("a/one app=x http:80", "a/two app=x http:8080") + job +
		policyYAML("NetworkPolicy", "a/n", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}, podSelector: {matchExpressions: [{key: app, operator: Exists}]}}, {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}, podSelector: {matchLabels: {job-name: once}}}], ports: [{port: http, protocol: TCP}, {port: 9, endPort: 10, protocol: SCTP}]}]}")
	g := compute(t, text, "")
	for to, want := range map[string][]string{
		"a/one": {"b/job -> a/one SCTP 9-10", "b/job -> a/one TCP 80", "b/once -> a/one SCTP 9-10", "b/once -> a/one TCP 80"},
		"a/two": {"b/job -> a/two SCTP 9-10", "b/job -> a/two TCP 8080", "b/once -> a/two SCTP 9-10", "b/once -> a/two TCP 8080"},
	} {
		if got := about(shown(g), to); !slices.Equal(got, want) {
			t.Errorf("flows to %s: %q, want %q", to, got, want)
		}
	}
}
