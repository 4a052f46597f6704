// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Problems lists what the rules would find unreadable in a predicate, as attest.DecodeAny gives it: what is none of this now is none when the gate judges.
func Problems(kind, predicateType string, predicate any) []string {
	value, err := ast.InterfaceToValue(map[string]any{"kind": kind, "predicateType": predicateType, "predicate": predicate})
	if err != nil {
		return []string{err.Error()}
	}
	list, _ := items(get(read(value).Value, "problems"))
	out := make([]string, 0, len(list))
	for _, p := range list {
		out = append(out, fmt.Sprintf("%s: expected %s, found %s", str(get(p, "where")), str(get(p, "expected")), str(get(p, "found"))))
	}
	return out
}
