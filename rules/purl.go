// SPDX-License-Identifier: Apache-2.0

package rules

// CanonicalPURL is the one form in which the rules compare package URLs: equal packages have equal forms. What is not a purl stays as it is.
func CanonicalPURL(s string) string { return canonicalPURL(s) }
