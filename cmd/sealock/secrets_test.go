// SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest/sigstore/keyless"
)

// What signs, or gets identity tokens, is taken out of the environment of a stage's command; settings and all else stay.
func TestSplitSecrets(t *testing.T) {
	t.Parallel()
	secret := []string{"SIGSTORE_ID_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_RUNTIME_TOKEN", "SEALOCK_ID_TOKEN_FILE", "BUILDKITE_AGENT_ACCESS_TOKEN",
		"COSIGN_PASSWORD", "COSIGN_PRIVATE_KEY", "SEALOCK_KEY", "MY_KEY", "MY_TOKEN"}
	kept := []string{"PATH", "CI", "GITHUB_ACTIONS", "BUILDKITE_JOB_ID", "SEALOCK_STORE", "SEALOCK_SIGNING_CONFIG", "SEALOCK_TRUSTED_ROOT", "MY_OTHER"}
	for _, v := range keyless.SecretVariables() {
		if !slices.Contains(secret, v) {
			t.Errorf("%s gets tokens and is not tested", v)
		}
	}
	var environ []string
	for _, name := range slices.Concat(secret, kept) {
		environ = append(environ, name+"=value-of-"+name)
	}
	clean, secrets := splitSecrets(environ, []string{"sealock", "run", "build", "--key", "env://MY_KEY", "--identity-token=env://MY_TOKEN"})
	for text, want := range map[string]string{"--key=awskms:///alias/x": "AWS_SECRET_ACCESS_KEY", "gcpkms://projects/x": "GOOGLE_APPLICATION_CREDENTIALS", "azurekms://x": "AZURE_CLIENT_SECRET", "hashivault://x": "VAULT_TOKEN"} {
		for _, environ := range [][]string{{want + "=value"}, {want + "=value", "SEALOCK_KEY=" + text}} {
			args := []string{"sealock", "run"}
			if len(environ) == 1 {
				args = append(args, text)
			}
			if clean, secrets := splitSecrets(environ, args); len(clean) != 0 || secrets[want] != "value" {
				t.Errorf("%s is visible where %s signs: %q", want, text, clean)
			}
		}
		if clean, _ := splitSecrets([]string{want + "=value"}, []string{"sealock", "run"}); len(clean) != 1 {
			t.Errorf("%s is gone where it does not sign", want)
		}
	}
	if got := slices.Sorted(maps.Keys(secrets)); !slices.Equal(got, slices.Sorted(slices.Values(secret))) {
		t.Errorf("taken out: %q", got)
	}
	if len(clean) != len(kept) {
		t.Errorf("left: %q", clean)
	}
	for _, name := range secret {
		if strings.Contains(strings.Join(clean, "\n"), "value-of-"+name+"\n") || secrets[name] != "value-of-"+name {
			t.Errorf("%s is visible, or lost", name)
		}
	}
}
