// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/sigstore/tufroot"
)

// trustTimeout bounds an update for which no --timeout is given.
const trustTimeout = 2 * time.Minute

func trustCommand(opt *options) *cobra.Command {
	cmd := &cobra.Command{Use: "trust", Short: "Look after the trusted root of Sigstore: who may issue certificates, log signatures and stamp times", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_ = cmd.Help()
			return usagef("expected show or update")
		}}
	cmd.AddCommand(trustShowCommand(opt), trustUpdateCommand(opt))
	return cmd
}

func trustShowCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "show", Short: "Show which trusted root is in use for the public-good instance, and how old it is", Args: cobra.NoArgs,
		Long: `Show the trusted root that this program carries, what the last 'sealock trust update' found, and which of the two counts. No connection is
opened. A policy that has a trusted_root.json of its own does not use either.`,
		Example: "  sealock trust show\n  sealock trust show -o json",
		RunE:    func(*cobra.Command, []string) error { return opt.showTrust() }}
}

type trustUpdate struct {
	*options
	mirror, root, write string
}

func trustUpdateCommand(opt *options) *cobra.Command {
	u := &trustUpdate{options: opt}
	cmd := &cobra.Command{Use: "update", Short: "Ask the TUF repository of Sigstore for a newer trusted root", Args: cobra.NoArgs,
		Long: `Ask the TUF repository of Sigstore's public-good instance for its trusted root, beginning at the root of trust that this program carries. An update
that would take back what was seen before (rolled back), or whose metadata has expired (frozen), is refused, and what was trusted stays.

With --mirror and --root it asks the repository of another instance; --write leaves its trusted_root.json where a policy can name it.`,
		Example: "  sealock trust update\n  sealock trust update --mirror https://tuf.acme.io --root acme-root.json --write policy/trusted_root.json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opt.timeout <= 0 {
				opt.timeout = trustTimeout
			}
			ctx, cancel := opt.context(cmd)
			defer cancel()
			return u.run(ctx)
		}}
	f := cmd.Flags()
	f.StringVar(&u.mirror, "mirror", "", "URL of the TUF repository (default "+tufroot.PublicGood().URL+")")
	f.StringVar(&u.root, "root", "", "root of trust of the repository: its root.json, from a source that you trust")
	f.StringVar(&u.write, "write", "", "also write the trusted_root.json to this file")
	return cmd
}

func (u *trustUpdate) run(ctx context.Context) error {
	if u.offline {
		return usagef("an update needs the network, and --offline forbids it")
	}
	repo := tufroot.PublicGood()
	if u.mirror != "" {
		repo.URL = u.mirror
	}
	if u.root != "" {
		if u.mirror == "" {
			return usagef("--root belongs to a repository of your own: name it with --mirror")
		}
		data, err := u.readFile(u.root, sigstore.MaxTrustedRoot, "root of trust")
		if err != nil {
			return err
		}
		repo.Root = data
	}
	file, err := u.trustState(repo.URL)
	if err != nil {
		return err
	}
	before, _ := tufroot.Load(repo, file) // none, or one that Update will tell about
	transport := &http.Transport{Proxy: u.proxy(), ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second, DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext}
	state, err := tufroot.Update(ctx, repo, file, tufroot.Options{HTTP: transport, Now: u.now})
	if attest.RejectCode(err) != "" {
		return refusedBundle{err}
	}
	if err != nil {
		return err
	}
	if u.write != "" {
		if err := u.save(u.write, state.TrustedRoot); err != nil {
			return fmt.Errorf("writing the trusted root: %w", err)
		}
	}
	root, err := sigstore.LoadTrustedRoot(state.TrustedRoot)
	if err != nil {
		return err
	}
	if before.Versions == state.Versions {
		u.say("it is up to date")
	}
	_, err = fmt.Fprintf(u.stdout, "%s\n", root)
	return err
}

// trustState is the file with what the last update of a repository found.
func (o *options) trustState(url string) (string, error) {
	base, err := o.cache("trust")
	if err != nil {
		return "", usagef("no place for what an update of trust finds: neither XDG_CACHE_HOME nor HOME is set")
	}
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789.-", r) {
			return r
		}
		return '-'
	}, strings.ToLower(strings.TrimPrefix(strings.TrimSuffix(url, "/"), "https://")))
	return filepath.Join(base, name+".json"), nil
}

// publicGoodRoot is the trusted root of the public-good instance: the one that this program carries, or that of the last update if it is as new. It
// says where it comes from, and opens no connection.
func (o *options) publicGoodRoot() (*sigstore.TrustedRoot, string, error) {
	const own = "this program"
	carried, err := sigstore.PublicGood()
	if err != nil {
		return nil, "", err
	}
	updated, _, err := o.updatedRoot()
	if errors.Is(err, tufroot.ErrNone) {
		return carried, own, nil
	}
	if err != nil {
		return nil, "", err
	}
	if updated.Newest().Before(carried.Newest()) {
		return carried, own, nil
	}
	return updated, "the last update", nil
}

// updatedRoot is what the last update of the public-good instance found, or tufroot.ErrNone.
func (o *options) updatedRoot() (*sigstore.TrustedRoot, tufroot.State, error) {
	repo := tufroot.PublicGood()
	file, err := o.trustState(repo.URL)
	if err != nil {
		return nil, tufroot.State{}, tufroot.ErrNone // no place, so there was no update
	}
	state, err := tufroot.Load(repo, file)
	if err != nil {
		return nil, tufroot.State{}, err
	}
	root, err := sigstore.LoadTrustedRoot(state.TrustedRoot)
	return root, state, err
}

// trustStatus is what trust show tells.
type trustStatus struct {
	Carried rootStatus  `json:"carried"`
	Updated *rootStatus `json:"updated,omitempty"`
	InUse   string      `json:"inUse"` // digest
	From    string      `json:"from"`
}

type rootStatus struct {
	Digest  string            `json:"digest"`
	Newest  string            `json:"newest"` // the latest time at which something in it begins to count
	Summary string            `json:"summary"`
	Checked string            `json:"checked,omitempty"`
	Expires string            `json:"expires,omitempty"`
	TUF     *tufroot.Versions `json:"tuf,omitempty"`
}

func statusOf(r *sigstore.TrustedRoot) rootStatus {
	return rootStatus{Digest: r.Digest().String(), Newest: r.Newest().UTC().Format(time.RFC3339), Summary: r.String()}
}

func (o *options) showTrust() error {
	carried, err := sigstore.PublicGood()
	if err != nil {
		return err
	}
	v := trustStatus{Carried: statusOf(carried)}
	updated, state, err := o.updatedRoot()
	if err != nil && !errors.Is(err, tufroot.ErrNone) {
		return err
	}
	if err == nil {
		u := statusOf(updated)
		u.Checked, u.Expires, u.TUF = state.Checked.Format(time.RFC3339), state.Expires.Format(time.RFC3339), &state.Versions
		v.Updated = &u
	}
	root, from, err := o.publicGoodRoot()
	if err != nil {
		return err
	}
	v.InUse, v.From = root.Digest().String(), from
	return o.renderValue(v, func(line func(string, ...any)) {
		line("in use   %s, from %s", v.InUse, from)
		line("carried  %s", v.Carried.Summary)
		line("         newest entry is %s", days(o.now().Sub(carried.Newest())))
		if v.Updated == nil {
			line("updated  never: sealock trust update")
			return
		}
		line("updated  %s", v.Updated.Summary)
		line("         checked %s, %s; TUF root %d, timestamp %d", v.Updated.Checked, days(o.now().Sub(state.Checked)), state.Versions.Root, state.Versions.Timestamp)
		if o.now().After(state.Expires) {
			line("         its metadata expired %s: sealock trust update", v.Updated.Expires)
		}
	})
}

// days is an age for people.
func days(d time.Duration) string {
	switch n := int64(d / (24 * time.Hour)); {
	case d < 0:
		return "in the future"
	case n == 0:
		return "less than a day old"
	case n == 1:
		return "1 day old"
	default:
		return fmt.Sprintf("%d days old", n)
	}
}
