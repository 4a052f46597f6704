// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/zricethezav/gitleaks/v8/config"
)

// RulesDigest names the rules that a scan runs with: sha256:… of their source. It costs nothing, unlike compiling them.
func RulesDigest() string {
	sum := sha256.Sum256([]byte(config.DefaultConfig))
	return "sha256:" + hex.EncodeToString(sum[:])
}
