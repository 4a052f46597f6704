// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package stage

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/rules"
	"github.com/sealock-dev/sealock/scanners/imports"
)

// Predicate is evidence of what another tool found, not yet signed.
type Predicate struct {
	Kind     string
	Type     string
	Document any
	Subjects []attest.Subject
	Summary  string
}

// Import turns reports of other tools into evidence of one kind: SARIF into findings, JUnit into a test result, CycloneDX or SPDX into the bill of materials of the subject that
// it says it is of. Paths in reports are relative to dir.
func Import(kind, dir, version string, reports []imports.Report, subjects []attest.Subject) ([]Predicate, error) {
	switch kind {
	case predicate.KindTest:
		result, err := imports.JUnit(reports)
		if err != nil {
			return nil, err
		}
		return []Predicate{{kind, predicate.TypeTest, result, subjects, fmt.Sprintf("test     %s: %s, %d failed, %d skipped", subjects[0].Name, count(result.Summary.Tests, "test"),
			result.Summary.Failed+result.Summary.Errored, result.Summary.Skipped)}}, nil
	case predicate.KindSBOM:
		var out []Predicate
		for _, rep := range reports {
			p, err := importSBOM(rep, subjects)
			if err != nil {
				return nil, err
			}
			out = append(out, p)
		}
		return out, nil
	}
	var all []predicate.Findings
	for _, rep := range reports {
		runs, err := imports.SARIF(rep, imports.Options{Category: kind, Dir: dir})
		if err != nil {
			return nil, err
		}
		all = append(all, runs...)
	}
	f, err := imports.Merge(version, all...)
	if err != nil {
		return nil, err
	}
	var tools []string
	for _, t := range f.Tools {
		tools = append(tools, t.Name)
	}
	return []Predicate{{kind, predicate.TypeFindings, f, subjects, fmt.Sprintf("%-8s %s: %s by %v", kind, subjects[0].Name, count(len(f.Findings), "finding"), slices.Compact(tools))}}, nil
}

// importSBOM holds a bill of materials to what the gate will ask of it, so that a broken one is refused before it is signed.
func importSBOM(rep imports.Report, subjects []attest.Subject) (Predicate, error) {
	bom, err := imports.ReadSBOM(rep)
	if err != nil {
		return Predicate{}, err
	}
	about, err := bom.About(rep, subjects)
	if err != nil {
		return Predicate{}, err
	}
	document, err := attest.DecodeAny(bom.Document)
	if err != nil {
		return Predicate{}, err
	}
	if problems := rules.Problems(predicate.KindSBOM, bom.Type, document); len(problems) > 0 {
		return Predicate{}, &imports.Error{Code: imports.CodeBroken, File: rep.Name, Detail: problems[0], Hint: "mend it with the tool that wrote it"}
	}
	return Predicate{predicate.KindSBOM, bom.Type, json.RawMessage(bom.Document), []attest.Subject{about}, "sbom     " + about.Name + ": from " + rep.Name}, nil
}

// importedKinds are what a stage imports, in a stable order.
func (c Config) importedKinds() []string {
	return slices.DeleteFunc(slices.Clone(predicate.Kinds), func(k string) bool { return len(c.Imports[k]) == 0 })
}

// readImports reads the reports that a stage imports. They lie below the pipeline's folder, and a stage that runs a command made them: what was there before is of another
// run. Times are those at which they were written, but never later than the work.
func (r *Runner) readImports(name string, c Config, notBefore, notAfter string) (map[string][]imports.Report, error) {
	if len(c.Imports) == 0 {
		return nil, nil
	}
	root, err := os.OpenRoot(r.Dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	out := map[string][]imports.Report{}
	for _, kind := range c.importedKinds() {
		for _, file := range c.Imports[kind] {
			rep, err := readReport(root, file)
			if errors.Is(err, fs.ErrNotExist) {
				err = &subject.Error{Code: subject.NotFound, Ref: file, Detail: "the report that the stage imports is not there", Hint: "see whether its tool ran, and where it writes"}
			}
			if err == nil && len(c.Run) > 0 && stale(rep.Modified, notBefore) {
				err = &subject.Error{Code: subject.Changed, Ref: file, Detail: fmt.Sprintf("the report is older than the command of stage %q, so it is of another run", name),
					Hint: "have the command write it each time"}
			}
			if err != nil {
				return nil, err
			}
			if end, err := time.Parse(time.RFC3339, notAfter); err == nil && rep.Modified.After(end) {
				rep.Modified = end
			}
			out[kind] = append(out[kind], rep)
		}
	}
	return out, nil
}

// stale compares by the second: the clock by which files are dated is coarser than the one by which a stage is.
func stale(modified time.Time, notBefore string) bool {
	begin, err := time.Parse(time.RFC3339, notBefore)
	return err == nil && modified.Before(begin.Truncate(time.Second))
}

func readReport(root *os.Root, file string) (imports.Report, error) {
	f, err := root.Open(filepath.FromSlash(file)) // follows no link out of the folder
	if err != nil {
		return imports.Report{}, fmt.Errorf("reading report: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return imports.Report{}, fmt.Errorf("reading report: %w", err)
	}
	if !info.Mode().IsRegular() {
		return imports.Report{}, &subject.Error{Code: subject.Malformed, Ref: file, Detail: "the report is no regular file"}
	}
	data, err := io.ReadAll(io.LimitReader(f, imports.MaxReport+1))
	if err != nil {
		return imports.Report{}, fmt.Errorf("reading report %s: %w", file, err)
	}
	return imports.Report{Name: filepath.ToSlash(file), Data: data, Modified: info.ModTime()}, nil
}

// recordImports writes down which reports the work left, so that no other can take their place.
func (r *Runner) recordImports(rec *Record, c Config) error {
	reports, err := r.readImports(rec.Stage, c, rec.StartedOn, "")
	if err != nil {
		return err
	}
	for _, kind := range c.importedKinds() {
		for _, rep := range reports[kind] {
			rec.Imports = append(rec.Imports, attest.ResourceDescriptor{Name: rep.Name, Digest: attest.DigestSet{"sha256": attest.SHA256(rep.Data).Hex}})
		}
	}
	return nil
}

// imported makes evidence of the reports that a stage imports, as they were when its work was done.
func (r *Runner) imported(rec Record, c Config, products []*subject.Resolved) ([]evidence, error) {
	reports, err := r.readImports(rec.Stage, c, "", rec.FinishedOn)
	if err != nil {
		return nil, err
	}
	var out []evidence
	i := 0
	for _, kind := range c.importedKinds() {
		for _, rep := range reports[kind] {
			if i >= len(rec.Imports) || rec.Imports[i].Name != rep.Name || rec.Imports[i].Digest["sha256"] != attest.SHA256(rep.Data).Hex {
				return nil, &subject.Error{Code: subject.Changed, Ref: rep.Name, Detail: "the report is not what the stage's work left", Hint: "hand it from job to job unchanged"}
			}
			i++
		}
		var subjects []attest.Subject
		for _, p := range products {
			if predicate.AboutArtifact[kind] {
				subjects = append(subjects, p.Leaves()...)
			} else {
				subjects = append(subjects, p.Subject)
			}
		}
		made, err := Import(kind, r.Dir, r.Version, reports[kind], subjects)
		if err != nil {
			return nil, err
		}
		for _, m := range made {
			out = append(out, evidence{m.Kind, m.Type, m.Document, m.Subjects, m.Summary})
		}
	}
	if i != len(rec.Imports) {
		return nil, &subject.Error{Code: subject.Changed, Detail: fmt.Sprintf("the stage's work left %d reports, sealock.yaml imports %d", len(rec.Imports), i)}
	}
	return out, nil
}
