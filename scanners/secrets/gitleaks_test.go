// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/url"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/detect"
	"github.com/zricethezav/gitleaks/v8/report"
)

// judge holds a scan against gitleaks itself, which reads all of every text with all rules.
type judge struct {
	scan  *scan
	plain *detect.Detector
}

func newJudge(t testing.TB) judge {
	t.Helper()
	rules, err := loadRules()
	if err != nil {
		t.Fatal(err)
	}
	return judge{newScan(t.Context(), options(), rules), newDetector(t.Context(), rules.config, decodeDepth)}
}

// same fails if not all findings are the same, and gives their number.
func (j judge) same(t *testing.T, path, text string) int {
	t.Helper()
	got, _ := j.scan.raw(&fragment{path: path, text: text, line: 1, column: 1, own: len(text)})
	want := j.scan.ask(j.plain, path, text)
	if g, w := listed(got), listed(want); !slices.Equal(g, w) {
		t.Fatalf("%s: %q\nfound   %q\ngitleaks %q", path, text, g, w)
	}
	return len(want)
}

// listed is all of findings that a scan makes use of.
func listed(found []report.Finding) []string {
	var out []string
	for _, f := range found {
		out = append(out, fmt.Sprintf("%s %d:%d %q %q %q %v", f.RuleID, f.StartLine, f.StartColumn, f.Line, f.Match, f.Secret, f.Tags))
	}
	slices.Sort(out)
	return out
}

// text is pieces of which each rule may find something in some, plain or encoded, among odd bytes.
func (s *sampler) text(rules []*syntax.Regexp) string {
	var b strings.Builder
	pick := func(of ...string) string { return of[s.IntN(len(of))] }
	for range 1 + s.IntN(6) {
		piece := s.sample(rules[s.IntN(len(rules))])
		if s.IntN(3) == 0 {
			piece = pick("my", "x-", "") + pick("access", "Auth", "apiKey", "\u212aey", "pa\u017fsword", "secret", "token_id", "author") + pick("", " ", "\"", "'", "\n") +
				pick("=", ":", ":=", "=>", ",") + pick("", " ", "\"", "\n'") + letters(piece, alnum+pick("", "=", "+/", "._-"), s.IntN(40)) + pick("\"", "\n", ";", `\n`, " ", ")")
		}
		for range s.IntN(4) {
			switch s.IntN(7) {
			case 0:
				piece = base64.StdEncoding.EncodeToString([]byte(piece))
			case 1:
				piece = base64.RawURLEncoding.EncodeToString([]byte(piece))
			case 2:
				piece = hex.EncodeToString([]byte(piece))
			case 3:
				piece = url.QueryEscape(piece)
			case 4:
				if i := s.IntN(len(piece) + 1); i < len(piece) && piece[i] < 0x80 {
					piece = piece[:i] + fmt.Sprintf(pick(`\u%04x`, `\\U%04X`, "U+%04X ", "%%%02x", "U+%04X\n"), piece[i]) + piece[i+1:]
				}
			}
		}
		b.WriteString(pick("", "", "a", "key: ", "kind: Secret\ndata:\n  x: ", "%02", "%41", "U+0041\n", "\u0130", "\xff\xe2\x84", "é\u212a") + piece +
			pick("\n", "\n", "\r\n", "", " ", "\n\n", ";", "\x00", "\xc5\n", strings.Repeat(" text", 100), strings.Repeat("line\n", 9)))
	}
	return b.String()
}

func TestSameAsGitleaks(t *testing.T) {
	j := newJudge(t)
	var rules []*syntax.Regexp
	for _, r := range j.scan.rules.config.GetOrderedRules() {
		if r.Regex == nil {
			continue
		}
		re, err := syntax.Parse(r.Regex.String(), syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		rules = append(rules, re)
	}
	s := &sampler{Rand: rand.New(rand.NewPCG(7, 8))} // #nosec G404 -- test data
	found, encoded := 0, 0
	n := 300
	if testing.Short() {
		n = 100
	}
	for range n {
		found += j.same(t, []string{"a/values.yaml", "main.tf", "nuget.config", "x.php", "key.p12"}[s.IntN(5)], s.text(rules))
	}
	for i := range min(n, len(rules)) {
		text := base64.StdEncoding.EncodeToString([]byte(s.sample(rules[i%len(rules)])))
		encoded += j.same(t, "a/values.yaml", fmt.Sprintf("%d\n%s\n", i, text))
	}
	if found < n*4/3 || encoded < n/15 {
		t.Errorf("only %d findings, and %d encoded ones: the test says little", found, encoded)
	}
}

func FuzzSameAsGitleaks(f *testing.F) {
	f.Add("a.yaml", "data:\n  "+"key: "+base64.StdEncoding.EncodeToString([]byte("api_"+"key = \""+letters("e", lower+digits, 32)+"\""))+"\n")
	f.Add("b.txt", "to"+"ken\n=\n\n'"+letters("m", lower+digits, 30)+"'\r\nAPI_"+"TOKEN="+githubToken("f"))
	f.Add("c.env", "pa\u017fsword=\""+letters("p", lower+digits, 30)+"\" \u212aey \xff\n")
	f.Add("d.pem", privateKey("f"))
	f.Add("e", `to\u006ben = "`+letters("u", lower+digits, 30)+`" U+0041 %41%42`)
	j := newJudge(f)
	f.Fuzz(func(t *testing.T, path, text string) {
		if path != "" && !j.scan.rules.skips(path) { // gitleaks takes the empty path for that of its configuration
			j.same(t, path, text)
		}
	})
}

func TestSamePathsAsGitleaks(t *testing.T) {
	rules, err := loadRules()
	if err != nil {
		t.Fatal(err)
	}
	s := &sampler{Rand: rand.New(rand.NewPCG(9, 10))} // #nosec G404 -- test data
	skipped := 0
	for _, p := range rules.paths {
		if len(p.words) == 0 {
			t.Errorf("%s is tried on every path", p)
		}
		re, err := syntax.Parse(p.String(), syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		for range 200 {
			s.b.Reset()
			s.b.WriteString([]string{"", "a/", "vendor/x-", "é/"}[s.IntN(4)])
			s.write(re)
			s.b.WriteString([]string{"", "", "", "x", "/y.go"}[s.IntN(5)])
			path := s.b.String()
			want := slices.ContainsFunc(rules.config.Allowlists, func(a *config.Allowlist) bool { return a.PathAllowed(path) })
			if rules.skips(path) != want {
				t.Fatalf("%q: left out by gitleaks is %v", path, want)
			}
			if want {
				skipped++
			}
		}
	}
	if skipped < 2000 {
		t.Errorf("only %d paths are left out: the test says little", skipped)
	}
}

// The same content is looked at once, if there is nothing in it; what is said of one path is said of all, and rules about paths still hold.
func TestSameContentOnManyPaths(t *testing.T) {
	clean := strings.Repeat("nothing to see here\n", 20)
	manifest := "kind: Sec" + "ret\ndata:\n  value: " + base64.StdEncoding.EncodeToString([]byte(letters("k", lower, 30))) + "\n"
	files := tree{"a.txt": clean, "b.p12": clean, "c.txt": manifest, "d.yaml": manifest, "e.env": githubToken("same"), "f.env": githubToken("same")}
	var got []string
	opt := options()
	opt.Parallelism = 1 // in this order
	found, err := Scan(t.Context(), files, opt)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found.Findings {
		got = append(got, f.Path+" "+f.Rule)
	}
	if want := []string{"b.p12 pkcs12-file", "d.yaml kubernetes-secret-yaml", "e.env github-pat", "f.env github-pat"}; !slices.Equal(slices.Compact(got), want) {
		t.Errorf("expected %q, found %q", want, got)
	}
}

// BenchmarkScan is of text as it is in a repository: mostly none of the rules' business, with words of theirs on many lines.
func BenchmarkScan(b *testing.B) {
	source := "// Key gives the access token of a client, see https://example.org/docs/api?id=%20x\n" +
		"func (c *Client) Key(ctx context.Context, secretName string) (token string, err error) {\n" +
		"\tauthorization := c.headers[\"Authorization\"]\n\tkey := fmt.Sprintf(\"%s/%02x\", secretName, authorization)\n" +
		"\tif err := c.api.Do(ctx, &Request{Key: aws.String(key), TokenType: types.AccessTokenBearer}); err != nil {\n\t\treturn \"\", err\n\t}\n" +
		"\tpassword: ${SERVICE_PASSWORD}\n\"integrity\": \"sha512-" + letters("i", alnum, 86) + "==\",\n\tchecksum = " + letters("c", "0123456789abcdef", 64) + "\n"
	files := tree{}
	size := 0
	for i := range 100 {
		text := fmt.Sprintf("package p%d\n", i) + strings.Repeat(source, 20)
		files[fmt.Sprintf("p%d/source.go", i)] = text
		size += len(text)
	}
	b.Run("sealock", func(b *testing.B) {
		b.SetBytes(int64(size))
		for b.Loop() {
			scanTree(b, files)
		}
	})
	b.Run("gitleaks", func(b *testing.B) {
		j := newJudge(b)
		b.SetBytes(int64(size))
		for b.Loop() {
			for path, text := range files {
				j.scan.ask(j.plain, path, text)
			}
		}
	})
}
