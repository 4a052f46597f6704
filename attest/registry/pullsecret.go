// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"errors"
	"fmt"

	"github.com/sealock-dev/sealock/attest"
)

// The forms of credentials in a cluster: types of Secrets, and their only key that counts
// (https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets).
const (
	SecretDockerConfig = "kubernetes.io/dockerconfigjson" //nolint:gosec // a type; the key is .dockerconfigjson
	SecretDockerCfg    = "kubernetes.io/dockercfg"        //nolint:gosec // a type; the key is .dockercfg: what stands under auths, without it
)

// ParsePullSecret reads the credentials in a Secret of one of the types above. The source names it in messages. What it says of helpers, which are
// programs, is not looked at; a host with wildcards matches nothing.
func ParsePullSecret(source, typ string, raw []byte) (*Credentials, error) {
	if len(raw) > MaxConfigFile {
		return nil, fmt.Errorf("reading registry credentials from %s: %d bytes, limit %d", source, len(raw), MaxConfigFile)
	}
	var w struct {
		Auths map[string]authEntry `json:"auths"`
	}
	into := any(&w)
	switch typ {
	case SecretDockerConfig:
	case SecretDockerCfg:
		into = &w.Auths
	default:
		return nil, fmt.Errorf("reading registry credentials from %s: its type is %.60q, expected %s or %s", source, typ, SecretDockerConfig, SecretDockerCfg)
	}
	if err := attest.DecodeJSON(raw, into); err != nil {
		return nil, errors.New("reading registry credentials from " + source + ": not sound JSON of the form that docker login writes")
	}
	return &Credentials{files: []configFile{{path: source, auths: byKey(w.Auths)}}, found: map[string]Credential{}}, nil
}
