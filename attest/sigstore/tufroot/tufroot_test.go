// SPDX-License-Identifier: Apache-2.0

package tufroot_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/theupdateframework/go-tuf/v2/metadata"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore/keyless"
	"github.com/sealock-dev/sealock/attest/sigstore/tufroot"
)

var at = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)

// repository is a TUF repository in memory with one key for each role, served over HTTP.
type repository struct {
	*httptest.Server
	t      *testing.T
	mu     sync.Mutex
	files  map[string][]byte
	down   bool
	keys   map[string]ed25519.PrivateKey
	root   *metadata.Metadata[metadata.RootType]
	first  []byte // the root of trust
	target []byte
	now    time.Time
	file   string // the state
}

func newRepository(t *testing.T) *repository {
	t.Helper()
	r := &repository{t: t, files: map[string][]byte{}, keys: map[string]ed25519.PrivateKey{}, now: at, file: filepath.Join(t.TempDir(), "trust", "state.json")}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		data, ok := r.files[strings.TrimPrefix(q.URL.Path, "/tuf/")]
		switch {
		case r.down:
			http.Error(w, "down", http.StatusServiceUnavailable)
		case !ok:
			http.NotFound(w, q)
		default:
			_, _ = w.Write(data)
		}
	}))
	t.Cleanup(r.Close)
	r.root = metadata.Root(at.AddDate(1, 0, 0))
	r.root.Signed.ConsistentSnapshot = true
	for _, role := range []string{metadata.ROOT, metadata.TIMESTAMP, metadata.SNAPSHOT, metadata.TARGETS} {
		r.newKey(role)
	}
	r.first = r.signed(metadata.ROOT, r.root)
	r.target = attesttest.NewSigstore(t, at).RootJSON(t)
	r.publish(1, nil)
	return r
}

// newKey gives a role another key in the root that is being made.
func (r *repository) newKey(role string) {
	r.t.Helper()
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		r.t.Fatal(err)
	}
	k, err := metadata.KeyFromPublicKey(pub)
	if err != nil {
		r.t.Fatal(err)
	}
	if old := r.root.Signed.Roles[role]; old != nil {
		old.KeyIDs = nil
	}
	if err := r.root.Signed.AddKey(k, role); err != nil {
		r.t.Fatal(err)
	}
	r.keys[role] = key
}

// signed is a file of metadata with the signature of a role's key, and of further ones.
func (r *repository) signed(role string, m interface {
	Sign(signer signature.Signer) (*metadata.Signature, error)
	ToBytes(pretty bool) ([]byte, error)
	ClearSignatures()
}, more ...ed25519.PrivateKey) []byte {
	r.t.Helper()
	m.ClearSignatures()
	for _, key := range append(more, r.keys[role]) {
		s, err := signature.LoadSigner(key, crypto.Hash(0))
		if err != nil {
			r.t.Fatal(err)
		}
		if _, err := m.Sign(s); err != nil {
			r.t.Fatal(err)
		}
	}
	data, err := m.ToBytes(false)
	if err != nil {
		r.t.Fatal(err)
	}
	return data
}

// parts are the metadata of one version before they are signed.
type parts struct {
	targets   *metadata.Metadata[metadata.TargetsType]
	snapshot  *metadata.Metadata[metadata.SnapshotType]
	timestamp *metadata.Metadata[metadata.TimestampType]
}

// publish serves a version of everything below the root.
func (r *repository) publish(version int64, edit func(p *parts)) {
	r.t.Helper()
	in := r.now.AddDate(0, 0, 7)
	p := &parts{metadata.Targets(in), metadata.Snapshot(in), metadata.Timestamp(in)}
	p.targets.Signed.Version, p.snapshot.Signed.Version, p.timestamp.Signed.Version = version, version, version
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, data := range map[string][]byte{"trusted_root.json": r.target, "signing_config.v0.2.json": []byte(`{"version":1}`)} {
		info, err := metadata.TargetFile().FromBytes(name, data, "sha256")
		if err != nil {
			r.t.Fatal(err)
		}
		p.targets.Signed.Targets[name] = info
		sum := sha256.Sum256(data)
		r.files["targets/"+hex.EncodeToString(sum[:])+"."+name] = data
	}
	p.snapshot.Signed.Meta["targets.json"].Version = version
	p.timestamp.Signed.Meta["snapshot.json"].Version = version
	if edit != nil {
		edit(p)
	}
	r.files[fmt.Sprintf("%d.targets.json", p.targets.Signed.Version)] = r.signed(metadata.TARGETS, p.targets)
	r.files[fmt.Sprintf("%d.snapshot.json", p.snapshot.Signed.Version)] = r.signed(metadata.SNAPSHOT, p.snapshot)
	r.files["timestamp.json"] = r.signed(metadata.TIMESTAMP, p.timestamp)
}

// rotate publishes a root with new keys for roles.
func (r *repository) rotate(roles ...string) {
	r.t.Helper()
	old := r.keys[metadata.ROOT]
	r.root.Signed.Version++
	for _, role := range roles {
		r.newKey(role)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var more []ed25519.PrivateKey
	if !old.Equal(r.keys[metadata.ROOT]) {
		more = append(more, old)
	}
	r.files[fmt.Sprintf("%d.root.json", r.root.Signed.Version)] = r.signed(metadata.ROOT, r.root, more...)
}

func (r *repository) repo() tufroot.Repository {
	return tufroot.Repository{URL: r.URL + "/tuf", Root: r.first}
}

func (r *repository) update() (tufroot.State, error) {
	return tufroot.Update(r.t.Context(), r.repo(), r.file, tufroot.Options{HTTP: http.DefaultTransport, Now: func() time.Time { return r.now }, Budget: 700 * time.Millisecond})
}

// must updates, and what is kept is what was found.
func (r *repository) must() tufroot.State {
	r.t.Helper()
	s, err := r.update()
	if err != nil {
		r.t.Fatal(err)
	}
	kept, err := tufroot.Load(r.repo(), r.file)
	if err != nil || kept.Versions != s.Versions || !bytes.Equal(kept.TrustedRoot, s.TrustedRoot) || !kept.Checked.Equal(r.now) {
		r.t.Fatalf("kept: %+v, %v", kept.Versions, err)
	}
	return s
}

// refuses is an update that is refused for a reason, and changes nothing.
func (r *repository) refuses(reason string) {
	r.t.Helper()
	before, err := os.ReadFile(r.file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		r.t.Fatal(err)
	}
	_, err = r.update()
	if attest.RejectCode(err) != tufroot.CodeUpdate || !strings.Contains(err.Error(), reason) {
		r.t.Errorf("expected a refusal with %q, got %v", reason, err)
	}
	if after, _ := os.ReadFile(r.file); !bytes.Equal(before, after) {
		r.t.Error("a refused update changed the state")
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	if _, err := tufroot.Load(r.repo(), r.file); !errors.Is(err, tufroot.ErrNone) {
		t.Errorf("before the first update: %v", err)
	}
	s := r.must()
	if !bytes.Equal(s.TrustedRoot, r.target) || s.Versions != (tufroot.Versions{Root: 1, Timestamp: 1, Snapshot: 1, Targets: 1}) || !s.Expires.Equal(at.AddDate(0, 0, 7)) || string(s.SigningConfig) != `{"version":1}` {
		t.Errorf("state: %+v", s)
	}
	r.must() // nothing new
	r.now = r.now.AddDate(0, 0, 1)
	r.target = attesttest.NewSigstore(t, at).RootJSON(t)
	r.publish(2, nil)
	if s := r.must(); !bytes.Equal(s.TrustedRoot, r.target) || s.Versions.Timestamp != 2 {
		t.Errorf("after the second: %+v", s.Versions)
	}
	r.rotate(metadata.ROOT)
	r.rotate(metadata.TIMESTAMP, metadata.SNAPSHOT, metadata.TARGETS)
	r.publish(3, nil)
	if s := r.must(); s.Versions != (tufroot.Versions{Root: 3, Timestamp: 3, Snapshot: 3, Targets: 3}) {
		t.Errorf("after new keys: %+v", s.Versions)
	}
	r.now = r.now.AddDate(5, 0, 0) // what was last known can be loaded whenever
	if _, err := tufroot.Load(r.repo(), r.file); err != nil {
		t.Error(err)
	}
}

func TestV55_RolledBack(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.publish(5, nil)
	r.must()
	r.publish(4, nil)
	r.refuses("rolled back")
	r.publish(6, func(p *parts) { p.timestamp.Signed.Meta["snapshot.json"].Version, p.snapshot.Signed.Version = 4, 4 })
	r.refuses("rolled back")
	r.publish(6, func(p *parts) { p.snapshot.Signed.Meta["targets.json"].Version, p.targets.Signed.Version = 4, 4 })
	r.refuses("rolled back")
	r.publish(6, nil)
	r.must()
}

func TestV55_Frozen(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.must()
	r.now = at.AddDate(0, 0, 8) // nothing newer is served
	r.refuses("frozen")
	r.publish(2, func(p *parts) { p.snapshot.Signed.Expires = at })
	r.refuses("frozen")
	r.publish(2, func(p *parts) { p.targets.Signed.Expires = at })
	r.refuses("frozen")
	r.publish(2, func(p *parts) { p.timestamp.Signed.Expires = at })
	r.refuses("frozen")
	r.publish(2, nil)
	r.must()
	r.now = at.AddDate(2, 0, 0) // the root itself is over
	r.publish(3, nil)
	r.refuses("frozen")
}

func TestV55_UpdatesThatDoNotVerify(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(r *repository){
		"timestamp of a stranger": func(r *repository) {
			r.keys[metadata.TIMESTAMP] = newRepository(r.t).keys[metadata.TIMESTAMP]
			r.publish(2, nil)
		},
		"targets of a stranger": func(r *repository) {
			r.keys[metadata.TARGETS] = newRepository(r.t).keys[metadata.TARGETS]
			r.publish(2, nil)
		},
		"root of a stranger": func(r *repository) {
			r.keys[metadata.ROOT] = newRepository(r.t).keys[metadata.ROOT]
			r.rotate(metadata.TIMESTAMP)
			r.publish(2, nil)
		},
		"other file": func(r *repository) {
			for name := range r.files {
				if strings.HasSuffix(name, ".trusted_root.json") {
					r.files[name] = append([]byte(" "), r.files[name]...)
				}
			}
		},
		"no JSON": func(r *repository) { r.files["timestamp.json"] = []byte("<html>") },
		"trusted root that trusts nobody": func(r *repository) {
			r.target = []byte(`{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}`)
			r.publish(2, nil)
		},
		"no trusted root": func(r *repository) {
			r.publish(2, func(p *parts) { delete(p.targets.Signed.Targets, "trusted_root.json") })
		},
		"too long": func(r *repository) { r.files["timestamp.json"] = bytes.Repeat([]byte(" "), 3<<20) },
	} {
		for _, updated := range []bool{false, true} {
			t.Run(fmt.Sprint(name, updated), func(t *testing.T) {
				t.Parallel()
				r := newRepository(t)
				if updated {
					r.must()
				}
				spoil(r)
				if name == "other file" && updated { // it is held already, so nothing is fetched
					r.must()
					return
				}
				r.refuses("")
			})
		}
	}
}

func TestRepositoryDown(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.must()
	r.down = true
	_, err := r.update()
	var down *keyless.DownError
	if !errors.As(err, &down) || !strings.Contains(err.Error(), r.URL) {
		t.Errorf("expected a DownError, got %v", err)
	}
	if _, err := tufroot.Load(r.repo(), r.file); err != nil {
		t.Error(err)
	}
	plain := tufroot.Repository{URL: "http://192.0.2.1/tuf", Root: r.first}
	if _, err := tufroot.Update(t.Context(), plain, r.file+"2", tufroot.Options{HTTP: http.DefaultTransport, Now: func() time.Time { return at }}); err == nil || !strings.Contains(err.Error(), "https") {
		t.Errorf("a repository over plain http: %v", err)
	}
}

// Whoever can write to the state can't make it trust anything: no flipped byte that changes what is trusted is taken.
func TestV56_StateThatWasChanged(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.rotate(metadata.TIMESTAMP)
	r.publish(2, nil)
	good := r.must()
	data, err := os.ReadFile(r.file)
	if err != nil {
		t.Fatal(err)
	}
	other := newRepository(t)
	other.must()
	stranger, err := os.ReadFile(other.file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.file, bytes.Replace(stranger, []byte(other.URL), []byte(r.URL), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := tufroot.Load(r.repo(), r.file); err == nil {
		t.Error("the state of another repository is taken")
	}
	for i := 0; i < len(data); i += 37 {
		changed := bytes.Clone(data)
		changed[i] ^= 1
		if err := os.WriteFile(r.file, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := tufroot.Load(r.repo(), r.file); err == nil && (!bytes.Equal(s.TrustedRoot, good.TrustedRoot) || s.Versions != good.Versions) {
			t.Fatalf("byte %d flipped, and something else is trusted", i)
		}
	}
}

func TestPublicGoodRootOfTrust(t *testing.T) {
	t.Parallel()
	repo := tufroot.PublicGood()
	if !strings.HasPrefix(repo.URL, "https://") || len(repo.Root) == 0 {
		t.Fatal(repo.URL)
	}
	if _, err := metadata.Root().FromBytes(repo.Root); err != nil {
		t.Error(err)
	}
}
