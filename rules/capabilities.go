// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// allowList names every built-in function that a rule may call: pure functions of their arguments whose work is in proportion to them.
// A function that is new in OPA is not allowed until it stands here.
const allowList = `
assign eq equal neq lt lte gt gte internal.member_2 internal.member_3 internal.template_string
plus minus mul div rem abs ceil floor round
count sum product max min sort
and or intersection union
array.concat array.flatten array.reverse array.slice
object.filter object.get object.keys object.remove object.subset object.union object.union_n
json.filter json.is_valid json.marshal json.patch json.remove json.unmarshal
concat contains endswith format_int indexof indexof_n lower replace split sprintf startswith strings.any_prefix_match
strings.any_suffix_match strings.count strings.replace_n strings.reverse strings.split_n substring trim trim_left trim_prefix trim_right
trim_space trim_suffix upper
regex.find_all_string_submatch_n regex.find_n regex.is_valid regex.match regex.replace regex.split
is_array is_boolean is_null is_number is_object is_set is_string type_name to_number
time.now_ns time.parse_duration_ns time.parse_rfc3339_ns
base64.decode base64.encode base64.is_valid base64url.decode base64url.encode base64url.encode_no_pad hex.decode hex.encode
urlquery.decode urlquery.encode uri.is_valid uri.parse
semver.compare semver.is_valid units.parse units.parse_bytes
crypto.sha256 graph.reachable walk
`

// whyNot says for families of functions why they are left out, and what to use instead.
var whyNot = []struct{ prefix, why string }{
	{"http.", "it reaches the network; a decision depends on its inputs alone"},
	{"net.", "it may reach the network, or grow a network into all its addresses"},
	{"opa.runtime", "it reads the environment"},
	{"providers.", "it signs requests with credentials"},
	{"rego.", "it looks at rules, not at evidence"},
	{"trace", "it can print what should stay out of logs; `sealock policy test` shows failing expressions"},
	{"print", "it can print what should stay out of logs; `sealock policy test` shows failing expressions"},
	{"rand.", "the same inputs must give the same decision"},
	{"uuid.", "the same inputs must give the same decision"},
	{"numbers.", "a short rule could fill the memory with it"},
	{"time.", "it depends on the machine's time zones; compare nanoseconds (time.now_ns, time.parse_rfc3339_ns)"},
	{"glob.", "with no delimiters its * also matches /; use startswith, or regex.match anchored with ^ and $"},
	{"regex.globs_match", "use regex.match anchored with ^ and $"},
	{"io.jwt.", "signatures and identities are verified before a rule runs"},
	{"crypto.", "signatures and identities are verified before a rule runs; for hashing there is crypto.sha256"},
}

// capabilities is the allow-list as OPA takes it. Anything that is missing from it does not compile, however it is named.
func capabilities() *ast.Capabilities {
	names := make(map[string]bool)
	for _, n := range strings.Fields(allowList) {
		names[n] = true
	}
	all := ast.CapabilitiesForThisVersion(ast.CapabilitiesRegoVersion(ast.RegoV1))
	var keep []*ast.Builtin
	for _, b := range all.Builtins {
		if names[b.Name] {
			keep = append(keep, b)
		}
	}
	return &ast.Capabilities{
		Builtins:       append(keep, declarations()...),
		FutureKeywords: all.FutureKeywords,
		Features:       []string{ast.FeatureRegoV1, ast.FeatureKeywordsInRefs, ast.FeatureTemplateStrings},
		AllowNet:       []string{}, // not nil: nil means any host
	}
}

// forbidden reports whether name is a function of OPA that rules may not call, and why.
func forbidden(name string, caps *ast.Capabilities) (why string, yes bool) {
	if _, known := ast.BuiltinMap[name]; !known || caps.ContainsBuiltin(name) {
		return "", false
	}
	for _, w := range whyNot {
		if strings.HasPrefix(name, w.prefix) {
			return w.why, true
		}
	}
	return "only functions of the allow-list can be used in rules", true
}
