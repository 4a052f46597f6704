// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest/sigstore/keyless"
	"github.com/sealock-dev/sealock/attest/sigstore/kms"
	"github.com/sealock-dev/sealock/cmd/stage"
)

// settings are the SEALOCK_… variables that are options, not secrets.
var settings = map[string]bool{"SEALOCK_DIR": true, "SEALOCK_CONFIG": true, "SEALOCK_POLICY": true, "SEALOCK_POLICY_MIN_VERSION": true, "SEALOCK_STORE": true, "SEALOCK_DB": true,
	"SEALOCK_OUTPUT": true, "SEALOCK_OFFLINE": true, "SEALOCK_TIMEOUT": true, "SEALOCK_QUIET": true, "SEALOCK_VERBOSE": true, "SEALOCK_NO_COLOR": true, "SEALOCK_ENV": true, "SEALOCK_KEYS": true,
	"SEALOCK_SIGNING_CONFIG": true, "SEALOCK_TRUSTED_ROOT": true, "SEALOCK_LOGIN": true, "SEALOCK_INHERITED_FD": true}

// signs reports whether a variable signs, or gets what signs: a key, its password, an identity token.
func signs(name string) bool {
	return (stage.IsSecret(name) || slices.Contains(keyless.SecretVariables(), name)) && !settings[name]
}

// splitSecrets parts the environment into what may be seen and what signs: cosign's and sealock's own variables, those that get tokens, and
// any that a --key env://NAME names, and what opens a key management service that a key is in.
func splitSecrets(environ, args []string) ([]string, map[string]string) {
	named := map[string]bool{}
	for _, a := range append(append([]string(nil), args...), environ...) {
		if _, name, ok := strings.Cut(a, "env://"); ok {
			named[name] = true
		}
		for _, name := range kms.SecretVariables(a) {
			named[name] = true
		}
	}
	var clean []string
	secrets := map[string]string{}
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if signs(name) || named[name] {
			secrets[name] = value
			continue
		}
		if name != "SEALOCK_INHERITED_FD" {
			clean = append(clean, kv)
		}
	}
	return clean, secrets
}
