// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package stage

import (
	"context"
	"fmt"
	"slices"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/rules"
	configrules "github.com/sealock-dev/sealock/rules/config"
	"github.com/sealock-dev/sealock/scanners"
	"github.com/sealock-dev/sealock/scanners/config"
	"github.com/sealock-dev/sealock/scanners/sbom"
)

// Configuration is what a policy says about the scan of configuration. The zero value is sealock's own rules with their defaults.
type Configuration struct {
	Modules []rules.Module
	Params  map[string]map[string]any
	Flows   []predicate.DeclaredFlow
}

// Configured is what a policy says; a nil policy says nothing.
func Configured(p *gate.Policy) Configuration {
	if p == nil {
		return Configuration{}
	}
	return Configuration{p.Modules(), p.ConfigRules, p.Flows}
}

// Options compiles the rules and checks their parameters.
func (c Configuration) Options() (config.Options, error) {
	set, err := configrules.Compile(c.Modules)
	if err != nil {
		return config.Options{}, fmt.Errorf("rules over configuration: %w", err)
	}
	if err := set.Check(c.Params); err != nil {
		return config.Options{}, fmt.Errorf("configRules of the policy: %w", err)
	}
	opt := c.settings()
	opt.Rules = set
	return opt, nil
}

// Digest names what configuration is judged by, as the evidence does, without compiling any of it.
func (c Configuration) Digest() (string, error) {
	sum, err := configrules.Digest(c.Modules)
	return c.settings().DigestWith(sum), err
}

// settings are the options without the rules.
func (c Configuration) settings() config.Options {
	return config.Options{Params: c.Params, Flows: c.Flows}
}

// configuration judges the configuration in a source.
func (s Scanner) configuration(ctx context.Context, src scanners.Source, tree *sbom.Tree) (predicate.Findings, error) {
	if !slices.Contains(trees, src.Kind) {
		return predicate.Findings{}, fmt.Errorf("judging configuration: %s is an image; configuration lies in a tree\nhint: list config evidence in the stage of the source (git:REV or dir:PATH)", src.Subject)
	}
	opt, err := s.Config.Options()
	if err != nil {
		return predicate.Findings{}, err
	}
	opt.Now, opt.Version = s.Now, s.Version
	return config.Scan(ctx, tree, opt)
}

// sameConfiguration reports whether a scan would be judged by the same rules, parameters and declared flows again.
func (r *Runner) sameConfiguration(f predicate.Findings) bool {
	sum, err := Configured(r.Gate.Policy).Digest()
	return err == nil && f.Scanner.RulesDigest == sum && f.Scanner.Version == r.Version
}
