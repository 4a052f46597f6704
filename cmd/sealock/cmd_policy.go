// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/gate"
)

func policyCommand(opt *options) *cobra.Command {
	cmd := &cobra.Command{Use: "policy", Short: "Show, test, compare, build, sign and distribute a policy", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_ = cmd.Help()
			return usagef("expected show, test, lint, diff, build, sign, push, pull or verify")
		}}
	cmd.AddCommand(policyShowCommand(opt), policyTestCommand(opt), policyBuildCommand(opt), policySignCommand(opt), policyPushCommand(opt), policyPullCommand(opt), policyVerifyCommand(opt),
		policyLintCommand(opt), policyDiffCommand(opt))
	return cmd
}

func policyShowCommand(opt *options) *cobra.Command {
	cmd := &cobra.Command{Use: "show", Short: "Print the effective policy: who may sign what, and what each environment asks for", Args: cobra.NoArgs,
		Long: `Print the policy as the gate understands it: its digest and files, identities, stages and who may sign them, what each environment asks for
with what it inherits, and every parameter of every rule with where its value comes from. With --env only what counts for that environment.`,
		Example: "  sealock policy show\n  sealock policy show --env prod -o json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, absent, err := opt.readPolicy(cmd.Context(), gate.Origin{})
			if err != nil {
				return err
			}
			if _, ok := p.Environments[opt.env]; opt.env != "" && !ok {
				return usagef("the policy knows no environment %q: expected one of %s", opt.env, strings.Join(p.EnvironmentOrder(), ", "))
			}
			view, err := viewPolicy(p, opt.env, absent)
			if err != nil {
				return err
			}
			return opt.renderValue(view, view.text)
		}}
	opt.environmentFlag(cmd, "show only what counts for this environment")
	return cmd
}

// policyURI is the policy that is meant, and whether the tree itself names it.
func (a *app) policyURI() (uri string, fromTree bool, err error) {
	if a.policy != "" {
		return a.policy, false, nil
	}
	if err := a.loadPipeline(false); err != nil {
		return "", false, err
	}
	if a.pipeline == nil || a.pipeline.Policy == "" {
		return "", false, usagef("no policy: name one with --policy, or in sealock.yaml\nhint: 'sealock init' writes both")
	}
	return a.pipeline.Policy, true, nil
}

// readPolicy loads the policy to look at it, not to judge by it: local keys that are not there are stood in for by keys that nobody has, and
// their names are returned. The digest of such a policy means nothing.
func (o *options) readPolicy(ctx context.Context, origin gate.Origin) (*gate.Policy, []string, error) {
	a := &app{options: o, keys: &keyring{options: o}}
	uri, fromTree, err := a.policyURI()
	if err != nil {
		return nil, nil, err
	}
	if origin == (gate.Origin{}) {
		origin.FromTree = fromTree
	}
	var absent []string
	stand := map[string][]byte{}
	local := func(name string) ([]byte, error) {
		_, public, err := a.keys.files(name)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(public); !errors.Is(err, fs.ErrNotExist) {
			return a.keys.public(name)
		}
		if stand[name] == nil {
			absent = append(absent, name)
			stand[name], err = nobodysKey()
		}
		return stand[name], err
	}
	opt := o.loadOptions()
	opt.LocalKey, opt.Origin, opt.Timeout = local, origin, 0 // tests of a policy run under the rules' own bound
	p, _, err := o.openPolicy(ctx, uri, opt)
	return p, absent, err
}

// nobodysKey is a public key whose private half is forgotten at once.
func nobodysKey() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return sigstore.MarshalPublicKey(key.Public())
}
