// SPDX-License-Identifier: Apache-2.0

package dir

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sealock-dev/sealock/attest"
)

// signed is the smallest thing that has a signature: 64 bytes of Ed25519, then the statement.
type signed struct{ public ed25519.PublicKey }

func (s signed) Authenticate(_ context.Context, bundle []byte) (attest.Authenticated, error) {
	if len(bundle) < ed25519.SignatureSize || !ed25519.Verify(s.public, bundle[ed25519.SignatureSize:], bundle[:ed25519.SignatureSize]) {
		return attest.Authenticated{}, &attest.Reject{Code: attest.CodeSignatureInvalid, Detail: "signature does not verify"}
	}
	return attest.Authenticated{PayloadType: attest.PayloadInToto, Payload: bundle[ed25519.SignatureSize:],
		Signer: attest.Identity{Key: attest.SHA256(s.public).String()}}, nil
}

var (
	testKey      = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	testVerifier = func() *attest.Verifier {
		v, err := attest.NewVerifier(signed{testKey.Public().(ed25519.PublicKey)})
		if err != nil {
			panic(err)
		}
		return v
	}()
)

func evidence(t testing.TB, n int, subjects ...attest.Subject) attest.Evidence {
	t.Helper()
	payload, err := attest.EncodeStatement("https://example.org/test/v1", map[string]int{"n": n}, subjects...)
	must(t, err)
	e, err := testVerifier.Verify(t.Context(), append(ed25519.Sign(testKey, payload), payload...))
	must(t, err)
	return e
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var (
	shop  = attest.Subject{Name: "shop", Digest: attest.DigestSet{"sha256": strings.Repeat("a", 64), "sha512": strings.Repeat("b", 128)}}
	src   = attest.Subject{Name: "src", Digest: attest.DigestSet{"gitCommit": strings.Repeat("c", 40), "gitTree256": strings.Repeat("d", 64)}}
	shopD = attest.Digest{Algorithm: "sha256", Hex: strings.Repeat("a", 64)}
)

func open(t testing.TB) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "store"))
	must(t, err)
	return s
}

// files lists all files below the store.
func files(t testing.TB, s *Store) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(s.path, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != ".gitignore" {
			rel, _ := filepath.Rel(s.path, p)
			out = append(out, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return out
}

func TestPutListConfirm(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	if got, err := s.List(ctx, shopD); err != nil || len(got) != 0 {
		t.Fatalf("an empty store lists %v %v", got, err)
	}
	one, two := evidence(t, 1, shop, src), evidence(t, 2, shop)
	if code := attest.RejectCode(s.Confirm(ctx, one)); code != attest.CodeIncomplete {
		t.Errorf("Confirm before Put: %q", code)
	}
	if _, err := os.Stat(s.path); err == nil {
		t.Error("reading made the folder")
	}
	must(t, s.Put(ctx, one))
	must(t, s.Confirm(ctx, one))
	must(t, s.Put(ctx, two))
	for _, d := range append(shop.Digest.Digests(), src.Digest.Digests()...) {
		got, err := s.List(ctx, d)
		must(t, err)
		want := 1
		if shop.Digest[d.Algorithm] != "" {
			want = 2
		}
		if len(got) != want {
			t.Errorf("%s: %d entries, expected %d", d, len(got), want)
		}
		for _, g := range got {
			if e, err := testVerifier.Verify(ctx, g.Bundle); g.Err != nil || err != nil || !e.Statement().About(attest.DigestSet{d.Algorithm: d.Hex}) && d.Strong() && d.Algorithm != "gitTree256" {
				t.Errorf("%s: %v %v", g.Name, g.Err, err)
			}
		}
	}
	want := "sha256-" + shopD.Hex + "/" + one.ID().Hex + "." + one.BundleID().Hex[:16] + ".sigstore.json"
	if all := strings.Join(files(t, s), "\n"); !strings.Contains(all, want) || strings.Contains(all, tempPrefix) || len(files(t, s)) != 6 {
		t.Errorf("files:\n%s", all)
	}
	info, err := os.Stat(filepath.Join(s.path, want))
	must(t, err)
	if info.Mode().Perm() != 0o644 {
		t.Errorf("mode %v", info.Mode())
	}
	got, err := s.List(ctx, shopD)
	must(t, err)
	if got[0].Name > got[1].Name {
		t.Error("the list is not sorted")
	}
	if err := s.Put(ctx, attest.Evidence{}); err == nil {
		t.Error("empty evidence was stored")
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o644))
	must(t, os.Symlink(t.TempDir(), filepath.Join(dir, "link")))
	for _, p := range []string{"", filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "file", "x")} {
		if s, err := Open(p); err == nil {
			if _, err = s.List(t.Context(), shopD); err == nil {
				t.Errorf("Open(%q) works", p)
			}
		}
	}
}

// The same evidence a thousand times is one file.
func TestT09_PutIsIdempotent(t *testing.T) {
	s := open(t)
	e := evidence(t, 1, shop)
	for range 10 {
		must(t, s.Put(t.Context(), e))
	}
	if got := files(t, s); len(got) != 2 {
		t.Errorf("%d files: %v", len(got), got)
	}
}

// Names in statements and digests asked for never lead out of the store.
func TestT04_NamesStayInside(t *testing.T) {
	s := open(t)
	for _, d := range []attest.Digest{{Algorithm: "sha256", Hex: "../../x"}, {Algorithm: "../../x", Hex: "aa"}, {Algorithm: "sha256", Hex: strings.Repeat("A", 64)}, {}, {Algorithm: "sha256"}} {
		if _, err := s.List(t.Context(), d); err == nil {
			t.Errorf("List(%v) works", d)
		}
	}
	e := evidence(t, 1, attest.Subject{Name: "../../../etc/x", Digest: attest.DigestSet{"sha256": shopD.Hex, "../../evil": "../../evil", "CON": "x"}})
	must(t, s.Put(t.Context(), e))
	if got := files(t, s); len(got) != 1 || !strings.HasPrefix(got[0], "sha256-") {
		t.Errorf("%v", got)
	}
	unknown := evidence(t, 1, attest.Subject{Name: "x", Digest: attest.DigestSet{"quux": "x"}})
	if err := s.Put(t.Context(), unknown); err == nil {
		t.Error("evidence that nobody would find was stored")
	}
}

// Each way to spoil a copy: List reports it, Confirm refuses it, Put repairs it.
func TestConfirmEveryCopy(t *testing.T) {
	e, other := evidence(t, 1, shop, src), evidence(t, 2, shop)
	for name, spoil := range map[string]func(p string) error{
		"missing":   os.Remove,
		"edited":    func(p string) error { return replace(p, append(bytes.Clone(e.Bundle()), '\n')) },
		"truncated": func(p string) error { return replace(p, e.Bundle()[:50]) },
		"empty":     func(p string) error { return replace(p, nil) },
		"swapped":   func(p string) error { return replace(p, other.Bundle()) },
		"link": func(p string) error {
			return errors.Join(os.Rename(p, p+".moved"), os.Symlink(filepath.Base(p)+".moved", p))
		},
		"no folder": func(p string) error { return os.RemoveAll(filepath.Dir(p)) },
		"renamed": func(p string) error {
			return os.Rename(p, filepath.Join(filepath.Dir(p), strings.Repeat("0", 64)+filepath.Base(p)[64:]))
		},
	} {
		for _, d := range []attest.Digest{shopD, src.Digest.Digests()[1]} {
			s := open(t)
			must(t, s.Put(t.Context(), e))
			folder, err := folderName(d)
			must(t, err)
			file, err := fileName(e)
			must(t, err)
			must(t, spoil(filepath.Join(s.path, folder, file)))
			err = s.Confirm(t.Context(), e)
			if attest.RejectCode(err) != attest.CodeIncomplete || !strings.Contains(err.Error(), folder) {
				t.Errorf("%s %s: %v", name, d.Algorithm, err)
			}
			got, err := s.List(t.Context(), d)
			must(t, err)
			for _, g := range got {
				if g.Err == nil && !bytes.Equal(g.Bundle, e.Bundle()) {
					t.Errorf("%s %s: %s is listed as sound", name, d.Algorithm, g.Name)
				}
				if g.Err != nil && attest.RejectCode(g.Err) == "" {
					t.Errorf("%s: no Reject: %v", g.Name, g.Err)
				}
			}
			must(t, s.Put(t.Context(), e))
			must(t, s.Confirm(t.Context(), e))
		}
	}
}

// replace writes a new file, so that other links to the old one keep their content.
func replace(p string, content []byte) error {
	return errors.Join(os.Remove(p), os.WriteFile(p, content, 0o644))
}

// Foreign entries: links and folders are reported and not followed, leftovers and other files are ignored.
func TestT05_HostileEntries(t *testing.T) {
	s := open(t)
	e := evidence(t, 1, shop)
	must(t, s.Put(t.Context(), e))
	folder := filepath.Join(s.path, "sha256-"+shopD.Hex)
	file, err := fileName(e)
	must(t, err)
	outside := filepath.Join(t.TempDir(), file)
	must(t, os.WriteFile(outside, e.Bundle(), 0o644))
	name := func(c string) string { return strings.Repeat(c, 64) + file[64:] }
	must(t, os.Symlink(outside, filepath.Join(folder, name("1"))))
	must(t, os.Mkdir(filepath.Join(folder, name("2")), 0o755))
	must(t, os.WriteFile(filepath.Join(folder, "x.sigstore.json"), e.Bundle(), 0o644))
	must(t, os.WriteFile(filepath.Join(folder, strings.Repeat("3", 64)+".0000000000000000.sigstore.json"), e.Bundle(), 0o644))
	big, err := os.Create(filepath.Join(folder, name("4")))
	must(t, err)
	must(t, big.Truncate(attest.MaxBundle+1))
	must(t, big.Close())
	for _, ignored := range []string{".tmp-AAAA", ".tmp-" + file, "README", file + ".bak"} {
		must(t, os.WriteFile(filepath.Join(folder, ignored), []byte("half"), 0o644))
	}
	got, err := s.List(t.Context(), shopD)
	must(t, err)
	sound := 0
	for _, g := range got {
		if g.Err == nil {
			sound++
		} else if attest.RejectCode(g.Err) == "" || g.Bundle != nil {
			t.Errorf("%s: %v", g.Name, g.Err)
		}
	}
	if sound != 1 || len(got) != 6 {
		t.Errorf("%d entries, %d sound: %+v", len(got), sound, got)
	}

	other := attest.Digest{Algorithm: "sha256", Hex: strings.Repeat("e", 64)}
	must(t, os.Symlink(filepath.Dir(outside), filepath.Join(s.path, "sha256-"+other.Hex)))
	if got, err := s.List(t.Context(), other); err == nil {
		t.Errorf("a folder that is a link is listed: %v", got)
	}
	there := evidence(t, 1, attest.Subject{Name: "x", Digest: attest.DigestSet{"sha256": other.Hex}})
	if err := s.Put(t.Context(), there); err == nil {
		t.Error("evidence was written through a link")
	}
	if err := s.Confirm(t.Context(), there); attest.RejectCode(err) != attest.CodeIncomplete {
		t.Errorf("Confirm through a link: %v", err)
	}
}

func TestListLimits(t *testing.T) {
	s := open(t)
	folder := filepath.Join(s.path, "sha256-"+shopD.Hex)
	must(t, os.MkdirAll(folder, 0o755))
	for i := range MaxEntries + 1 {
		must(t, os.WriteFile(filepath.Join(folder, fmt.Sprintf("%064x.0000000000000000.sigstore.json", i)), nil, 0o644))
	}
	if _, err := s.List(t.Context(), shopD); err == nil || !strings.Contains(err.Error(), "10000") {
		t.Errorf("too many files: %v", err)
	}
}

func TestUnreadableIsAnError(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root reads everything")
	}
	s := open(t)
	e := evidence(t, 1, shop)
	must(t, s.Put(t.Context(), e))
	file, err := fileName(e)
	must(t, err)
	must(t, os.Chmod(filepath.Join(s.path, "sha256-"+shopD.Hex, file), 0))
	_, err = s.List(t.Context(), shopD)
	confirm := s.Confirm(t.Context(), e)
	if err == nil || confirm == nil || attest.RejectCode(confirm) != "" {
		t.Errorf("List: %v, Confirm: %v", err, confirm)
	}
}

func TestPutConcurrently(t *testing.T) {
	s := open(t)
	var all []attest.Evidence
	for i := range 6 {
		all = append(all, evidence(t, i, shop, src))
	}
	var wg sync.WaitGroup
	failed := make(chan error, 1000)
	for range 4 {
		wg.Go(func() {
			for _, e := range all {
				failed <- s.Put(t.Context(), e)
				failed <- s.Confirm(t.Context(), e)
			}
		})
	}
	wg.Wait()
	close(failed)
	for err := range failed {
		must(t, err)
	}
	if got := files(t, s); len(got) != 24 {
		t.Errorf("%d files, expected 24", len(got))
	}
}

func TestCancelled(t *testing.T) {
	s := open(t)
	e := evidence(t, 1, shop)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := s.Put(ctx, e); !errors.Is(err, context.Canceled) {
		t.Errorf("Put: %v", err)
	}
	must(t, s.Put(t.Context(), e))
	if _, err := s.List(ctx, shopD); !errors.Is(err, context.Canceled) {
		t.Errorf("List: %v", err)
	}
	if err := s.Confirm(ctx, e); !errors.Is(err, context.Canceled) {
		t.Errorf("Confirm: %v", err)
	}
}

func BenchmarkList(b *testing.B) {
	s := open(b)
	for i := range 50 {
		must(b, s.Put(b.Context(), evidence(b, i, shop)))
	}
	for b.Loop() {
		if got, err := s.List(b.Context(), shopD); err != nil || len(got) != 50 {
			b.Fatal(len(got), err)
		}
	}
}

// A new store hides itself from Git; a folder that was there before is not touched.
func TestHiddenFromGit(t *testing.T) {
	for _, existed := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "store")
		if existed {
			must(t, os.Mkdir(path, 0o755))
		}
		s, err := Open(path)
		must(t, err)
		must(t, s.Put(t.Context(), evidence(t, 1, shop)))
		got, err := os.ReadFile(filepath.Join(path, ".gitignore"))
		if hidden := err == nil && string(got) == "*\n"; hidden == existed {
			t.Errorf("folder existed: %v, .gitignore: %q %v", existed, got, err)
		}
	}
}
