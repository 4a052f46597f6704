// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/scanners/config"
)

// configResult is what the rules over configuration said of one tree. It holds for every tree with the same names in which the files that were
// read for it are the same.
type configResult struct {
	Rules    string             `json:"rules"` // digest of rules, parameters and flows, with sealock's version
	Names    string             `json:"names"`
	Opened   map[string]string  `json:"opened"` // path → id
	Findings predicate.Findings `json:"findings"`
}

// holds reports whether the result is that of another tree too.
func (r configResult) holds(rules, names string, entries map[string]string) bool {
	if r.Rules != rules || r.Names != names || len(r.Opened) == 0 && len(r.Findings.Findings) > 0 {
		return false
	}
	for p, id := range r.Opened {
		if entries[p] != id {
			return false
		}
	}
	return true
}

// configuration judges the configuration in a tree.
func (c *checker) configuration(ctx context.Context, entries []entry) (predicate.Findings, error) {
	rules := c.rules + " " + c.opt.Version
	files, at := map[string]string{}, []entry{}
	for _, e := range entries {
		if e.file() {
			files[e.path] = e.id
			at = append(at, e)
		}
	}
	if len(at) == 0 {
		return predicate.Findings{Category: predicate.KindConfig, Complete: true}, nil
	}
	named, read := names(at)
	if found, ok := c.memory.configuration(func(r configResult) bool { return r.holds(rules, named, files) }); ok {
		return found, nil
	}
	tree, err := newRandom(ctx, c.repo, at, read)
	if err != nil {
		return predicate.Findings{}, err
	}
	opt, err := c.opt.Config.Options()
	if err != nil {
		return predicate.Findings{}, err
	}
	opt.Now, opt.Version = c.opt.Now, c.opt.Version
	found, err := config.Scan(ctx, tree, opt)
	if err != nil {
		return predicate.Findings{}, err
	}
	c.memory.addConfiguration(configResult{rules, named, tree.opened, found})
	return found, nil
}

// names is a digest over those names of files that matter to a scan, and the files that it may read wherever they lie.
func names(entries []entry) (digest string, read []entry) {
	every := false
	for _, e := range entries {
		reads, refers := config.Concerns(e.path)
		if every = every || refers; reads {
			read = append(read, e)
		}
	}
	matter := read
	if every {
		matter = entries
	}
	h := sha256.New()
	for _, e := range matter {
		_, _ = io.WriteString(h, e.path+"\x00")
	}
	return hex.EncodeToString(h.Sum(nil)), read
}
