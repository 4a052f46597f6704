// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"strings"
)

// Codes of errors. Those of Eval mean that nothing was decided.
const (
	CodeSyntax     = "RULE_SYNTAX"     // not Rego
	CodeDialect    = "RULE_DIALECT"    // Rego v0
	CodeCompile    = "RULE_COMPILE"    // the compiler objects
	CodeForbidden  = "RULE_FORBIDDEN"  // a function or `with` that no rule may use
	CodeNamespace  = "RULE_NAMESPACE"  // a package or id that is taken
	CodeEmpty      = "RULE_EMPTY"      // a package that decides nothing
	CodeMetadata   = "RULE_METADATA"   // METADATA that cannot be used
	CodeNoRules    = "NO_RULES"        // nothing to evaluate
	CodeParameters = "RULE_PARAMETERS" // parameters that do not fit the rule
	CodeInput      = "RULE_INPUT"      // the input document is not what the rules expect
	CodeRule       = "RULE_ERROR"      // evaluation failed
	CodeUndefined  = "RULE_UNDEFINED"  // a decision without a value
	CodeType       = "POLICY_TYPE"     // a decision of the wrong type
	CodeTimeout    = "TIMEOUT"         // deadline passed or cancelled
	CodeLimit      = "LIMIT"           // a bound was reached
)

// CodeRefused and CodeWarned stand for reasons that give no code of their own.
const (
	CodeRefused = "RULE_REFUSED"
	CodeWarned  = "RULE_WARNED"
)

// Error says what is wrong with a rule, its parameters or its evaluation. Several at once are joined (errors.Join); errors.As
// finds the first.
type Error struct {
	Code    string
	Path    string // of the module; empty if none is to blame
	Line    int    // from 1; 0 if not known
	Column  int    // from 1; 0 if not known
	Key     string // of a parameter: rule id, a dot, the parameter
	Message string
	Hint    string // what to do
	cause   error
}

func (e *Error) Error() string {
	var b strings.Builder
	switch {
	case e.Path != "" && e.Line > 0:
		fmt.Fprintf(&b, "%s:%d:%d: ", e.Path, e.Line, e.Column)
	case e.Path != "":
		fmt.Fprintf(&b, "%s: ", e.Path)
	case e.Key != "":
		fmt.Fprintf(&b, "rules: %s: ", e.Key)
	}
	b.WriteString(e.Message)
	if e.Hint != "" {
		b.WriteString("\nhint: ")
		b.WriteString(e.Hint)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }
