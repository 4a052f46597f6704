// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
)

// Bounds of looking for evidence.
const (
	askFor      = 10 * time.Second // the store may take
	maxFolders  = 1024             // subjects of a folder store that are looked through, the newest first
	maxReceipt  = 512 << 10        // bytes of a file that may be a receipt
	maxLooked   = 64 << 20         // bytes of all of them
	maxProducts = 256              // subjects that a commit led to
)

// Evidence is where evidence of stages may lie already.
type Evidence struct {
	Store    attest.Store
	Name     string                                                        // of the store, for messages
	Folder   string                                                        // in which it lies; empty: it is none
	Verifier func() (*attest.Verifier, error)                              // by the policy's own identities
	Resolve  func(ctx context.Context, ref string) (attest.Subject, error) // tells what a commit is
	Without  string                                                        // why no store is asked; empty: one is
}

// Stage is where a preview has a stage from.
type Stage struct {
	Name    string `json:"name"`
	From    string `json:"from"`              // taken, refused, or assumed
	Receipt string `json:"receipt,omitempty"` // in the store
	Why     string `json:"why,omitempty"`     // refused: what is wrong with it
}

// The places that a preview has stages from.
const (
	Taken   = "taken"
	Refused = "refused" // the store has evidence that does not count; nothing stands in for it
	Assumed = "assumed"
)

// stored reports whether the store may know of a commit. Of a folder that costs next to nothing.
func (c *checker) stored(tip string) bool {
	e := c.opt.Evidence
	if c.opt.Policy == nil || e == nil || e.Without != "" || tip == "" {
		return false
	}
	if e.Folder == "" {
		return true
	}
	_, err := os.Lstat(filepath.Join(e.Folder, "gitCommit-"+tip))
	return err == nil
}

// take has a preview take what the store knows of a commit. What can't be found out is assumed, and said once: the gate, which must know, will ask again.
func (c *checker) take(ctx context.Context, x *gate.Preview, tip string) map[string]gate.Taken {
	if e := c.opt.Evidence; e != nil && e.Without != "" {
		c.note("evidence of stages was not looked for, so every stage is assumed: " + e.Without)
	}
	if !c.stored(tip) {
		return nil
	}
	taken, err := c.ask(ctx, x, tip)
	if err != nil {
		message, _, _ := strings.Cut(err.Error(), "\nhint: ")
		c.note(fmt.Sprintf("evidence of stages in %s was not taken, so every stage is assumed: %s", c.opt.Evidence.Name, message))
	}
	return taken
}

func (c *checker) note(text string) {
	if !slices.Contains(c.report.Notes, text) {
		c.report.Notes = append(c.report.Notes, text)
	}
}

func (c *checker) ask(ctx context.Context, x *gate.Preview, tip string) (map[string]gate.Taken, error) {
	e := c.opt.Evidence
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	v, err := e.Verifier()
	if err != nil {
		return nil, err
	}
	source, err := e.Resolve(ctx, "git:"+tip)
	if err != nil {
		return nil, err
	}
	var made []attest.Subject
	if e.Folder != "" {
		if made, err = products(ctx, e.Folder, source); err != nil {
			return nil, err
		}
	}
	return x.Take(ctx, v, e.Store, source, made, c.opt.Now())
}

// products says where else to look in a folder store: what was made, as receipts say of whose signatures nothing is known, from a source, and from what was
// made from it. A wrong answer costs time and nothing else.
func products(ctx context.Context, folder string, source attest.Subject) ([]attest.Subject, error) {
	links, err := receipts(ctx, folder)
	if err != nil {
		return nil, err
	}
	known := []attest.Subject{source}
	for grown := true; grown; {
		grown = false
		for i, l := range links {
			if l == nil || !slices.ContainsFunc(l.materials, func(m attest.ResourceDescriptor) bool {
				return slices.ContainsFunc(known, func(s attest.Subject) bool { return s.Digest.Matches(m.Digest) })
			}) {
				continue
			}
			links[i], grown = nil, true
			for _, s := range l.subjects {
				if !s.Digest.Primary().IsZero() && !slices.ContainsFunc(known, func(k attest.Subject) bool { return k.Digest.Matches(s.Digest) }) {
					known = append(known, s)
				}
			}
			if len(known) > maxProducts {
				return nil, fmt.Errorf("more than %d artifacts were made from %s (limit of sealock)", maxProducts, source)
			}
		}
	}
	return known[1:], nil
}

// unproven is a receipt as it says of itself.
type unproven struct {
	subjects  []attest.Subject
	materials []attest.ResourceDescriptor
}

// receipts reads those of a folder store, each once.
func receipts(ctx context.Context, folder string) ([]*unproven, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, err
	}
	names := newest(entries)
	seen, left := map[string]bool{}, int64(maxLooked)
	var out []*unproven
	for _, name := range names[:min(len(names), maxFolders)] {
		files, err := fs.ReadDir(root.FS(), name)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			info, err := f.Info()
			if err != nil || !info.Mode().IsRegular() || info.Size() > maxReceipt || seen[f.Name()] {
				continue
			}
			seen[f.Name()] = true
			if left -= info.Size(); left < 0 {
				return nil, fmt.Errorf("more than %d bytes of receipts (limit of sealock)", maxLooked)
			}
			data, err := root.ReadFile(name + "/" + f.Name())
			if errors.Is(err, fs.ErrNotExist) {
				continue // removed since it was listed
			}
			if err != nil {
				return nil, err
			}
			if r := readReceipt(data); r != nil {
				out = append(out, r)
			}
		}
	}
	return out, nil
}

// newest are the folders, that of the newest evidence first.
func newest(entries []fs.DirEntry) []string {
	times := map[string]time.Time{}
	var out []string
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.IsDir() {
			out, times[e.Name()] = append(out, e.Name()), info.ModTime()
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return times[b].Compare(times[a]) })
	return out
}

func readReceipt(bundle []byte) *unproven {
	payload, err := attest.UnprovenPayload(bundle)
	if err != nil {
		return nil
	}
	st, err := attest.DecodeStatement(payload)
	var link predicate.Link
	if err != nil || st.PredicateType != predicate.TypeLink || predicate.Decode(st, &link) != nil {
		return nil
	}
	return &unproven{st.Subject, link.Materials}
}
