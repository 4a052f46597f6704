// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"errors"
	"testing"
)

// A decision where none is evaluated is an error when the policy is loaded, not a rule that never speaks.
func TestDecisionsThatNobodyEvaluates(t *testing.T) {
	for name, source := range map[string]string{
		"in a library":         "package policy.lib.a\n\nrefuse contains \"x\" if true\n",
		"allow in a library":   "package policy.lib.a\n\nallow := true\n",
		"below another name":   "package policy.a\n\nwarn contains \"hm\" if true\n\na.refuse contains \"no\" if true\n",
		"deep below a name":    "package policy.a\n\nwarn contains \"hm\" if true\n\na.b.allow := true\n",
		"beside a sound rule":  "package policy.a\n\nrefuse contains \"x\" if false\n\nnested.warn contains \"y\" if true\n",
		"as a function's head": "package policy.lib.a\n\nwarn(x) := x\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Compile(Options{Modules: []Module{{Path: "a.rego", Source: []byte(source)}}})
			var e *Error
			if !errors.As(err, &e) || e.Code != CodeEmpty || e.Line == 0 {
				t.Errorf("expected %s with a line, found %v", CodeEmpty, err)
			}
		})
	}
}
