// SPDX-License-Identifier: Apache-2.0

package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Digest names what the tree is judged by: the rules, their parameters, and the declared flows. Scans of one tree that have the same digest and the
// same version of sealock find the same.
func (o Options) Digest() string { return o.DigestWith(o.Rules.Digest()) }

// DigestWith is Digest where of the rules no more than their digest is known.
func (o Options) DigestWith(rules string) string {
	settings, err := json.Marshal(struct {
		Params  any `json:"params"`
		Flows   any `json:"flows"`
		Include any `json:"include"`
	}{o.Params, o.Flows, o.Include}) // maps are written in order of their keys
	if err != nil { // a parameter that is no JSON can't come from a policy file
		settings = fmt.Append(nil, err)
	}
	sum := sha256.Sum256(append([]byte(rules+"\n"), settings...))
	return "sha256:" + hex.EncodeToString(sum[:])
}
