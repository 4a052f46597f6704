// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/zricethezav/gitleaks/v8/detect"
	"github.com/zricethezav/gitleaks/v8/report"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// span is a range of lines, both ends included.
type span struct{ from, to int }

// fragment is a piece of one file's text.
type fragment struct {
	path   string
	commit string
	text   string
	line   int    // line of the first byte, from 1
	column int    // column of the first byte, from 1
	own    int    // what starts at or after this byte is left to the next fragment, which begins here
	added  []span // lines that count; nil: all
}

// counts reports whether any of the lines counts.
func (f *fragment) counts(from, to int) bool {
	for _, a := range f.added {
		if from <= a.to && to >= a.from {
			return true
		}
	}
	return f.added == nil
}

// look finds secrets and requests to ignore them in one fragment.
func (s *scan) look(f fragment) (err error) {
	defer func() {
		// The text is foreign and so is the code that reads it. What it said is not repeated: it may quote the text.
		if recover() != nil {
			err = fmt.Errorf("%s: the secret rules failed on lines from %d", clean(f.path), f.line)
		}
	}()
	key := sha256.Sum256([]byte(f.text))
	if s.isClean(key) {
		f.text = "" // only the name is left to look at
	}
	marks := markers(&f)
	if len(marks) > 0 {
		if err := s.addSuppressed(marks); err != nil {
			return err
		}
	}
	raw, candidates := s.raw(&f)
	if !candidates && len(marks) == 0 {
		s.addClean(key)
	}
	if len(raw) == 0 {
		return nil
	}
	return s.addFindings(s.describe(&f, raw))
}

// raw is what gitleaks finds. candidates reports whether there was anything but the file's name to ask it for.
func (s *scan) raw(f *fragment) (found []report.Finding, candidates bool) {
	text := f.text
	if !s.plainReads {
		text = ""
	}
	found = s.ask(s.plain, f.path, text)
	c := s.narrowed.chances(f.text, nil)
	for _, r := range c.rules {
		if r.rule.Path == nil || r.rule.Path.MatchString(f.path) {
			found = append(found, s.ask(r.detector(), f.path, f.text)...)
		}
	}
	found = append(found, s.assigned(f, c.lines)...)
	decoded, encoded := s.encoded(f)
	found = append(found, decoded...)
	return better(found), encoded || s.plainReads || len(c.rules) > 0 || len(found) > 0
}

// assigned asks the generic rule for some lines only. Its findings are as if it had seen all of them.
func (s *scan) assigned(f *fragment, lines []span) (found []report.Finding) {
	if len(lines) == 0 {
		return nil
	}
	ends := lineEnds(f.text)
	if lines[len(lines)-1].to == len(ends) && !strings.HasSuffix(f.text, "\n") {
		lines = []span{{1, len(ends)}} // to allow-lists about lines, gitleaks gives all the text as the last line if that does not end
	}
	for _, l := range lines {
		from, to := l.bytes(ends)
		before := 0
		if l.from > 1 {
			from, before = from-1, l.from-2 // with the newline before: gitleaks counts columns from there, except on the first line
		}
		for _, r := range s.ask(s.narrowed.generic, f.path, f.text[from:to]) {
			r.StartLine += before
			found = append(found, r)
		}
	}
	return found
}

// better takes away generic findings for which there is a particular one on the same line, as gitleaks does where it sees both.
func better(found []report.Finding) []report.Finding {
	generic := func(r *report.Finding) bool { return strings.Contains(r.RuleID, "generic") }
	return slices.DeleteFunc(slices.Clone(found), func(g report.Finding) bool {
		return generic(&g) && slices.ContainsFunc(found, func(p report.Finding) bool {
			return !generic(&p) && p.StartLine == g.StartLine && strings.Contains(p.Secret, g.Secret)
		})
	})
}

// ask has gitleaks look at a text. Its findings hold the secrets.
func (s *scan) ask(d *detect.Detector, path, text string) []report.Finding {
	return d.DetectContext(s.ctx, detect.Fragment{Raw: text, FilePath: path, StartLine: 1}) //nolint:staticcheck // DetectContext takes no other type
}

// describe turns gitleaks' findings, which hold the secret, into ours, which don't.
func (s *scan) describe(f *fragment, raw []report.Finding) []predicate.Finding {
	if len(raw) == 0 {
		return nil
	}
	newlines := newlinesOf(f.text)
	out := make([]predicate.Finding, 0, len(raw))
	for _, r := range raw {
		found := predicate.Finding{Rule: r.RuleID, Severity: severity(r.RuleID), Message: message(&r), Commit: f.commit,
			Path: hide(clean(f.path), r.Secret), Fingerprint: fingerprint(r.RuleID, f.path, r.Secret)}
		if r.StartLine == 0 { // a rule about the file's name alone
			out = append(out, found)
			continue
		}
		match, from, to := s.locate(f.text, newlines, &r)
		if match >= f.own {
			continue
		}
		first, _ := position(f, newlines, match)
		line, column := position(f, newlines, from)
		last, _ := position(f, newlines, to)
		if !f.counts(min(first, line), last) {
			continue
		}
		found.Line, found.Column = line, column
		out = append(out, found)
	}
	return out
}

// locate gives the offsets of the match and of the secret in it. gitleaks counts columns of every line but the first from the newline before it,
// so both cases are offsets from there. The match of a decoded text has the place of its encoded form.
func (s *scan) locate(text string, newlines []int, r *report.Finding) (match, from, to int) {
	start := 0
	if n := r.StartLine - 1; n > 0 && n <= len(newlines) {
		start = newlines[n-1]
	}
	match = min(max(start+r.StartColumn-1, 0), len(text))
	for match < len(text) && text[match] == '\n' && !strings.HasPrefix(r.Match, "\n") {
		match++ // gitleaks trims newlines from the match, not from its place
	}
	if !strings.HasPrefix(text[match:], r.Match) {
		return match, match, match
	}
	from, to = match, match+len(r.Match)
	rule := s.rules.config.Rules[r.RuleID]
	groups := rule.Regex.FindStringSubmatchIndex(r.Match)
	for i := 2; i+1 < len(groups); i += 2 {
		if wanted := rule.SecretGroup == 0 || rule.SecretGroup == i/2; wanted && groups[i] >= 0 && groups[i+1] > groups[i] {
			return match, match + groups[i], match + groups[i+1]
		}
	}
	return match, from, to
}

// newlinesOf lists the offsets of all newlines.
func newlinesOf(text string) []int {
	var at []int
	for i := 0; ; i++ {
		n := strings.IndexByte(text[i:], '\n')
		if n < 0 {
			return at
		}
		i += n
		at = append(at, i)
	}
}

// position is the line and column, in characters from 1, of an offset.
func position(f *fragment, newlines []int, offset int) (line, column int) {
	before, _ := slices.BinarySearch(newlines, offset)
	if before == 0 {
		return f.line, f.column + utf8.RuneCountInString(f.text[:offset])
	}
	return f.line + before, 1 + utf8.RuneCountInString(f.text[newlines[before-1]+1:offset])
}

// encodings lists how a secret was encoded.
func encodings(r *report.Finding) []string {
	var out []string
	for _, tag := range r.Tags {
		if encoding, ok := strings.CutPrefix(tag, "decoded:"); ok {
			out = append(out, encoding)
		}
	}
	return out
}

// message says what kind of secret it is; rules' descriptions are fixed texts.
func message(r *report.Finding) string {
	if how := encodings(r); len(how) > 0 {
		return r.Description + " (encoded as " + strings.Join(how, ", ") + ")"
	}
	return r.Description
}

// hide takes a secret out of the name of the file that holds it.
func hide(path, secret string) string {
	if len(secret) < 8 {
		return path
	}
	return strings.ReplaceAll(path, secret, "REDACTED")
}

// secretBytes is how much of the secret's keyed hash goes into a fingerprint.
const secretBytes = 2

// fingerprint names a secret of one rule in one file, wherever in the file it stands. Evidence is public and some secrets can be
// guessed, so only 16 bits of the secret's keyed hash go in: enough to tell the secrets of a file apart, too little to confirm a guess.
func fingerprint(rule, path, secret string) string {
	place := sha256.Sum256([]byte("sealock/secret/v1\x00" + rule + "\x00" + path))
	mac := hmac.New(sha256.New, place[:])
	mac.Write([]byte(secret))
	sum := sha256.Sum256(append(place[:], mac.Sum(nil)[:secretBytes]...))
	return hex.EncodeToString(sum[:])
}
