// SPDX-License-Identifier: Apache-2.0

package config

import "errors"

// Bounds. Past one of them the scan is an error that wraps ErrLimit and names the file.
const (
	maxFile     = 16 << 20  // bytes of one file that is parsed
	maxNodes    = 1_000_000 // values of one file, aliases and merge keys expanded
	maxDepth    = 200       // nesting of values in one file
	maxItems    = 500_000   // items of one scan
	maxProblems = 10_000    // files that can't be read
)

// ErrLimit says that content went past a bound.
var ErrLimit = errors.New("limit")

// limits are the bounds that parsers keep. The zero value is not useful; see defaultLimits.
type limits struct {
	nodes int // values of one file, everything expanded
	depth int // nesting
}

func defaultLimits() limits { return limits{nodes: maxNodes, depth: maxDepth} }

// file is one file of the subject, read into memory.
type file struct {
	path string // slash-separated, below the root of the subject
	data []byte
}

// A parser makes items of a file. What is wrong with the file is a Problem, at most a few for each file: beside it the items that could be
// read are given too. An error ends the scan: a bound that was passed (wraps ErrLimit), never bad content. Parsers are called from many
// goroutines, keep nothing and read nothing but what they are given.
type parser func(f file, lim limits) ([]Item, []Problem, error)

// A treeParser makes items of the Terraform files of folders that call each other, folder by folder: *.tf, *.tf.json, terraform.tfvars, *.auto.tfvars. The folder is ""
// for the root; files are in order of path.
type treeParser func(folders []terraformFolder, lim limits) ([]Item, []Problem, error)

// A lookupParser may read other files of the tree; other gives false for what is not there or was not read. Only YAML files are there.
type lookupParser func(f file, other func(path string) (file, bool), lim limits) ([]Item, []Problem, error)

// parsers are all there are; each is in a file of its own name.
type parsers struct {
	terraform  treeParser   // hcl.go: parseTerraformTree
	plan       parser       // plan.go: parsePlan, Terraform's plan as JSON (the file was recognised by its content)
	dockerfile parser       // dockerfile.go: parseDockerfile
	compose    parser       // compose.go: parseCompose
	github     parser       // github.go: parseGitHub, workflows and actions
	gitlab     lookupParser // gitlab.go: parseGitLab
	jenkins    parser       // jenkins.go: parseJenkins
}

// allParsers is the static list. Each line is added with its parser; files of a kind without one are listed as skipped.
func allParsers() parsers {
	return parsers{
		terraform:  parseTerraformTree,
		plan:       parsePlan,
		dockerfile: parseDockerfile,
		compose:    parseCompose,
		github:     parseGitHub,
		gitlab:     parseGitLab,
		jenkins:    parseJenkins,
	}
}
