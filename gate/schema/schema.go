// SPDX-License-Identifier: Apache-2.0

// Package schema has the JSON Schemas (draft 2020-12) of the files that sealock reads and of the decisions that it writes.
//
// Use: Names, Get. Guarantees: each schema has every field of the Go type it describes and no other (a test holds them together).
// Limits: a schema says what form a file has; what it must not contradict itself in, only loading it says.
package schema

import (
	"embed"
	"slices"
)

//go:embed *.json
var files embed.FS

// Names lists the schemas.
func Names() []string {
	return []string{"pipeline", "policy", "decision", "waivers", "baseline", "revocations", "admission"}
}

// Get gives the schema of a name.
func Get(name string) ([]byte, bool) {
	if !slices.Contains(Names(), name) {
		return nil, false
	}
	data, err := files.ReadFile(name + ".json")
	return data, err == nil
}
