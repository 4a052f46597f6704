// SPDX-License-Identifier: Apache-2.0

package tufroot

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/trustedmetadata"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/sigstore/keyless"
)

// CodeUpdate is the code of an update that is refused.
const CodeUpdate = "TRUST_UPDATE"

// Options are what an update needs.
type Options struct {
	HTTP   http.RoundTripper
	Now    func() time.Time
	Budget time.Duration // how long the repository is asked again; default keyless.DefaultBudget
}

// client asks one repository.
type client struct {
	repo Repository
	opt  Options
}

// Update asks the repository, verifies what it serves and keeps it in the file. A Reject says that the update is not to be believed, any other error
// that nothing could be found out; in both cases the state stays as it was.
func Update(ctx context.Context, repo Repository, file string, opt Options) (State, error) {
	if opt.HTTP == nil || opt.Now == nil || len(repo.Root) == 0 {
		return State{}, errors.New("an update of trust needs a root of trust, a way to send requests and a clock")
	}
	old, err := read(repo, file)
	if err != nil && !errors.Is(err, ErrNone) {
		return State{}, err
	}
	c := &client{repo, opt}
	next, t, err := c.follow(ctx, &old)
	if err != nil {
		return State{}, err
	}
	state, err := next.state(t)
	if err != nil {
		return State{}, refused("what is served", err)
	}
	if _, err := sigstore.LoadTrustedRoot(state.TrustedRoot); err != nil {
		return State{}, refused("the trusted root that is served", err)
	}
	return state, next.write(file)
}

// follow is the client workflow of TUF, 5.3 to 5.7.
func (c *client) follow(ctx context.Context, old *stored) (*stored, *trustedmetadata.TrustedMetadata, error) {
	now := c.opt.Now().UTC()
	next := &stored{Schema: schema, URL: c.repo.URL, Checked: now, Roots: old.Roots, Files: map[string][]byte{}}
	t, err := old.trusted(c.repo, now)
	if err != nil {
		return nil, nil, fmt.Errorf("the state of the last trust update does not verify: %w\nhint: remove it and run 'sealock trust update' again", err)
	}
	if err := c.roots(ctx, t, next); err != nil {
		return nil, nil, err
	}
	if err := c.timestamp(ctx, t, old, next); err != nil {
		return nil, nil, err
	}
	if err := c.snapshot(ctx, t, old, next); err != nil {
		return nil, nil, err
	}
	info := t.Snapshot.Signed.Meta["targets.json"]
	if info == nil {
		return nil, nil, refused("snapshot", errors.New("it names no targets"))
	}
	if next.Targets, err = c.get(ctx, versioned(t, info.Version, "targets.json")); err != nil {
		return nil, nil, err
	}
	if _, err := t.UpdateTargets(next.Targets); err != nil {
		return nil, nil, refused("targets", err)
	}
	return next, t, c.files(ctx, t, old, next)
}

// roots follows the chain of roots to its end: the first that is not there.
func (c *client) roots(ctx context.Context, t *trustedmetadata.TrustedMetadata, next *stored) error {
	for range maxRoots {
		name := fmt.Sprintf("%d.root.json", t.Root.Signed.Version+1)
		data, err := c.get(ctx, name)
		var gone *keyless.RefusedError
		if errors.As(err, &gone) && gone.Status == http.StatusNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := t.UpdateRoot(data); err != nil {
			return refused(name, err)
		}
		next.Roots = append(next.Roots[:len(next.Roots):len(next.Roots)], data)
	}
	return refused("root", fmt.Errorf("more than %d new ones", maxRoots))
}

// timestamp takes the newest, held against the one of the last update. One that newer roots do not vouch for any more is no measure (5.3.11).
func (c *client) timestamp(ctx context.Context, t *trustedmetadata.TrustedMetadata, old, next *stored) error {
	if len(old.Timestamp) > 0 {
		if _, err := t.UpdateTimestamp(old.Timestamp); err != nil && !errors.Is(err, &metadata.ErrRepository{}) {
			return refused("timestamp", err)
		}
	}
	var err error
	if next.Timestamp, err = c.get(ctx, "timestamp.json"); err != nil {
		return err
	}
	_, err = t.UpdateTimestamp(next.Timestamp)
	if errors.Is(err, &metadata.ErrEqualVersionNumber{}) { // nothing new; the one that is held is used, and must still be valid
		next.Timestamp = old.Timestamp
		if t.Timestamp.Signed.IsExpired(t.RefTime) {
			err = &metadata.ErrExpiredMetadata{Msg: fmt.Sprintf("timestamp %d has expired", t.Timestamp.Signed.Version)}
		} else {
			err = nil
		}
	}
	if err != nil {
		return refused("timestamp", err)
	}
	return nil
}

func (c *client) snapshot(ctx context.Context, t *trustedmetadata.TrustedMetadata, old, next *stored) error {
	if len(old.Snapshot) > 0 {
		if _, err := t.UpdateSnapshot(old.Snapshot, true); err != nil && !errors.Is(err, &metadata.ErrRepository{}) {
			return refused("snapshot", err)
		}
	}
	info := t.Timestamp.Signed.Meta["snapshot.json"]
	if info == nil {
		return refused("timestamp", errors.New("it names no snapshot"))
	}
	var err error
	if next.Snapshot, err = c.get(ctx, versioned(t, info.Version, "snapshot.json")); err != nil {
		return err
	}
	if _, err := t.UpdateSnapshot(next.Snapshot, false); err != nil {
		return refused("snapshot", err)
	}
	return nil
}

// files fetches the targets, unless they are held already.
func (c *client) files(ctx context.Context, t *trustedmetadata.TrustedMetadata, old, next *stored) error {
	for _, name := range []string{rootTarget, signingTarget} {
		info := t.Targets[metadata.TARGETS].Signed.Targets[name]
		if info == nil {
			continue
		}
		if data, have := old.Files[name]; have && info.VerifyLengthHashes(data) == nil {
			next.Files[name] = data
			continue
		}
		at := "targets/" + name
		if t.Root.Signed.ConsistentSnapshot {
			sum, ok := info.Hashes["sha256"]
			if !ok {
				return refused(name, errors.New("it is listed without a sha256"))
			}
			at = "targets/" + hex.EncodeToString(sum) + "." + name
		}
		data, err := c.get(ctx, at)
		if err != nil {
			return err
		}
		if err := info.VerifyLengthHashes(data); err != nil {
			return refused(name, err)
		}
		next.Files[name] = data
	}
	return nil
}

func versioned(t *trustedmetadata.TrustedMetadata, version int64, name string) string {
	if t.Root.Signed.ConsistentSnapshot {
		return fmt.Sprintf("%d.%s", version, name)
	}
	return name
}

func (c *client) get(ctx context.Context, name string) ([]byte, error) {
	data, err := keyless.Fetch(ctx, c.opt.HTTP, c.opt.Budget, "TUF repository", strings.TrimSuffix(c.repo.URL, "/")+"/"+name)
	if err == nil && len(data) > maxMetadata {
		return nil, refused(name, fmt.Errorf("it has %d bytes, limit %d", len(data), maxMetadata))
	}
	return data, err
}

// refused says what is wrong with an update, in the words of the attack that it would be.
func refused(what string, err error) error {
	how := "does not verify"
	switch {
	case errors.Is(err, &metadata.ErrExpiredMetadata{}):
		how = "has expired (frozen): the repository serves nothing newer, or somebody holds it back"
	case errors.Is(err, &metadata.ErrBadVersionNumber{}):
		how = "is older than what was seen before, or than what it belongs to (rolled back)"
	}
	return &attest.Reject{Code: CodeUpdate, Detail: fmt.Sprintf("the trust update is refused, and what was trusted before stays: %s %s", what, how), Cause: err}
}
