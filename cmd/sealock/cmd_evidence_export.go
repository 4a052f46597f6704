// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
)

func evidenceExportCommand(opt *options) *cobra.Command {
	g := &getOptions{options: opt}
	cmd := &cobra.Command{
		Use:   "export [SUBJECT…] --format bundle|dsse|jsonl [--to FILE|FOLDER]",
		Short: "Write verified evidence for other tools",
		Long: `Write the evidence about an artifact that verifies with the policy's keys, for other tools: as Sigstore bundles, as bare DSSE envelopes (what
slsa-verifier reads), or as one file of envelopes, a line each (*.intoto.jsonl). To a file or standard output one piece stands on a line; to a
folder (one that exists, or a name that ends in /) each goes to a file of its own, except for jsonl.

Without a subject, the pipeline's own products are meant.`,
		Example: "  sealock evidence export oci-layout:out/shop --type promotion:staging --format dsse --to vsa.json\n  sealock evidence export --chain --format jsonl --to shop.intoto.jsonl",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			return g.export(ctx, args)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&g.types, "type", nil, "only this predicate type or kind; may be repeated")
	f.StringVar(&g.form, "format", formBundle, "bundle, dsse, or jsonl")
	f.StringVar(&g.to, "to", "", "file or folder to write to, not standard output")
	f.BoolVar(&g.chain, "chain", false, "also about everything that the artifact was made from")
	return cmd
}

func (g *getOptions) export(ctx context.Context, refs []string) error {
	if !known(g.form, []string{formBundle, formDSSE, formJSONL}) {
		return usagef("--format %q: expected bundle, dsse, or jsonl", g.form)
	}
	if err := checkTypes(g.types); err != nil {
		return err
	}
	in, err := g.gather(ctx, refs)
	if err != nil {
		return err
	}
	in.sayRejected(in.rejected)
	found := wanted(in.found, in.reqs, g.types, g.chain)
	if len(found) == 0 {
		return refusef("no evidence to export is in %s; nothing was written\nhint: 'sealock evidence ls' lists what there is", in.storeName)
	}
	var docs [][]byte
	for _, e := range found {
		doc, err := g.content(e)
		if err != nil {
			return fmt.Errorf("writing %s: %w", e.ID().Short(), err)
		}
		docs = append(docs, doc)
	}
	if info, err := os.Stat(g.path(g.to)); g.to != "" && (strings.HasSuffix(g.to, "/") || err == nil && info.IsDir()) {
		return g.exportFolder(found, docs)
	}
	if err := g.write(g.to, g.to != "", lines(docs)); err != nil {
		return fmt.Errorf("writing evidence: %w", err)
	}
	g.say("%s of evidence", plural(len(docs), "piece"))
	return nil
}

// exportFolder writes a file for each piece, named by the statement and the bundle; jsonl is one file.
func (g *getOptions) exportFolder(found []attest.Evidence, docs [][]byte) error {
	folder := g.path(g.to)
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // evidence is public
		return fmt.Errorf("making folder for evidence: %w", err)
	}
	suffix := map[string]string{formBundle: ".sigstore.json", formDSSE: ".dsse.json"}[g.form]
	if g.form == formJSONL {
		return g.write(filepath.Join(folder, "evidence.intoto.jsonl"), true, lines(docs))
	}
	for i, e := range found {
		name := filepath.Join(folder, e.ID().Hex+"."+e.BundleID().Hex[:16]+suffix)
		if err := g.write(name, true, lines(docs[i:i+1])); err != nil {
			return fmt.Errorf("writing evidence: %w", err)
		}
	}
	g.say("%s in %s", plural(len(docs), "file"), g.to)
	return nil
}

func lines(docs [][]byte) func(io.Writer) error {
	return func(w io.Writer) error {
		for _, d := range docs {
			if _, err := fmt.Fprintf(w, "%s\n", d); err != nil {
				return err
			}
		}
		return nil
	}
}

// oneLine takes the line breaks out of a JSON document, and nothing else.
func oneLine(doc []byte) ([]byte, error) {
	v := jsontext.Value(append([]byte(nil), doc...))
	if err := v.Compact(jsontext.AllowDuplicateNames(false)); err != nil {
		return nil, err
	}
	return v, nil
}
