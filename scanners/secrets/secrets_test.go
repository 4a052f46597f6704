// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/scanners"
)

// tree is a walk over files in memory.
type tree map[string]string

func (t tree) Walk(ctx context.Context, visit func(scanners.FileEntry) error) error {
	for _, name := range slices.Sorted(maps.Keys(t)) {
		e := scanners.FileEntry{Path: name, Size: int64(len(t[name])), Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(t[name])), nil
		}}
		if err := visit(e); err != nil {
			return err
		}
	}
	return nil
}

func options() Options {
	return Options{Now: func() time.Time { return time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC) }, Parallelism: 2}
}

// letters makes n characters of an alphabet, always the same for a seed. No literal here looks like a token, so that scanners of this
// repository stay quiet.
func letters(seed, alphabet string, n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		sum := sha256.Sum256([]byte(fmt.Sprint(seed, i)))
		for _, c := range sum {
			if b.Len() < n {
				b.WriteByte(alphabet[int(c)%len(alphabet)])
			}
		}
	}
	return b.String()
}

const (
	lower  = "abcdefghijklmnopqrstuvwxyz"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits = "0123456789"
	alnum  = lower + upper + digits
)

func githubToken(seed string) string { return "gh" + "p_" + letters(seed, alnum, 36) }
func awsKey(seed string) string      { return "AK" + "IA" + letters(seed, upper+"234567", 16) }
func privateKey(seed string) string {
	var b strings.Builder
	b.WriteString("-----BEGIN RSA " + "PRIVATE KEY-----\n")
	for i := range 12 {
		b.WriteString(letters(seed+fmt.Sprint(i), alnum+"+/", 64) + "\n")
	}
	b.WriteString("-----END RSA " + "PRIVATE KEY-----\n")
	return b.String()
}

func scanTree(t testing.TB, files tree) predicate.Findings {
	t.Helper()
	got, err := Scan(t.Context(), files, options())
	if err != nil {
		t.Fatal(err)
	}
	if !got.Complete {
		t.Fatal("the result does not say that it is complete")
	}
	return got
}

// only gives the one finding of a rule.
func only(t *testing.T, got predicate.Findings, rule string) predicate.Finding {
	t.Helper()
	var found []predicate.Finding
	for _, f := range got.Findings {
		if f.Rule == rule {
			found = append(found, f)
		}
	}
	if len(found) != 1 {
		t.Fatalf("findings of %s: expected 1, found %d in %+v", rule, len(found), got.Findings)
	}
	return found[0]
}

func TestS10_Recall(t *testing.T) {
	token := githubToken("recall")
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	cases := []struct{ name, rule, text string }{
		{"github token", "github-pat", "token: " + token + "\n"},
		{"aws key", "aws-access-token", "key = \"" + awsKey("r") + "\"\n"},
		{"private key", "private-key", privateKey("r")},
		{"gitlab token", "gitlab-pat", "x=glp" + "at-" + letters("gl", alnum, 20) + "\n"},
		{"stripe", "stripe-access-token", "x = sk_" + "live_" + letters("st", alnum, 24) + "\n"},
		{"google", "gcp-api-key", "x = AI" + "za" + letters("go", alnum, 35) + "\n"},
		{"npm", "npm-access-token", "x = np" + "m_" + letters("npm", lower+digits, 36) + "\n"},
		{"slack", "slack-bot-token", "x = xo" + "xb-" + letters("s1", digits, 12) + "-" + letters("s2", digits, 12) + "-" + letters("s3", alnum, 24) + "\n"},
		{"sendgrid", "sendgrid-api-token", "x = S" + "G." + letters("sg", lower+digits+"=_-", 66) + "\n"},
		{"generic", "generic-api-key", "api_" + "key = \"" + letters("g", lower+digits, 40) + "\"\n"},
		{"basic auth", "curl-auth-user", "cu" + "rl -u alice:" + letters("c", alnum, 20) + " https://h.invalid\n"},
		{"base64 once", "github-pat", "data: " + b64("token "+token) + "\n"},
		{"base64 twice", "github-pat", "data: " + b64("again "+b64("token "+token)) + "\n"},
		{"base64 five times", "github-pat", "data: " + b64(b64(b64(b64(b64("token "+token))))) + "\n"},
		{"hex", "github-pat", "data: " + hex.EncodeToString([]byte("token "+token)) + "\n"},
		{"percent", "github-pat", "data: " + strings.ReplaceAll(url.QueryEscape("<"+token+">"), "_", "%5F") + "\n"},
		{"utf-16le", "github-pat", utf16Text("token: "+token+"\r\n", binary.LittleEndian, true)},
		{"utf-16be", "github-pat", utf16Text("token: "+token+"\r\n", binary.BigEndian, true)},
		{"utf-16le unmarked", "github-pat", utf16Text("token: "+token+"\r\n", binary.LittleEndian, false)},
		{"utf-16be unmarked", "github-pat", utf16Text("token: "+token+"\r\n", binary.BigEndian, false)},
		{"invalid utf-8", "github-pat", "\xff\xfd\x80 " + token + " \xfe\n"},
		{"no newline", "github-pat", token},
		{"text that begins like a program", "github-pat", "MZ " + token},
		{"after a megabyte", "github-pat", strings.Repeat("nothing here\n", 90_000) + token},
		{"one long line", "github-pat", strings.Repeat("nothing,here,", 40_000) + token + strings.Repeat(",nothing", 40_000)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			only(t, scanTree(t, tree{"f": c.text}), c.rule)
		})
	}
}

// What is documented as not found. If a case is found one day, the package's documentation is to be changed.
func TestS10_Limits(t *testing.T) {
	token := githubToken("limits")
	for name, text := range map[string]string{
		"split over literals": fmt.Sprintf("x = %q +\n %q\n", token[:20], token[20:]),
		"split over lines":    token[:20] + "\n" + token[20:],
	} {
		t.Run(name, func(t *testing.T) {
			for _, f := range scanTree(t, tree{"f": text}).Findings {
				if f.Rule == "github-pat" {
					t.Errorf("found %+v", f)
				}
			}
		})
	}
}

func utf16Text(s string, order binary.ByteOrder, mark bool) string {
	var b []byte
	if mark {
		s = "\ufeff" + s
	}
	for _, u := range utf16.Encode([]rune(s)) {
		var two [2]byte
		order.PutUint16(two[:], u)
		b = append(b, two[:]...)
	}
	return string(b)
}

func TestPositions(t *testing.T) {
	token := githubToken("place")
	cases := []struct {
		name, text   string
		line, column int
	}{
		{"alone", token, 1, 1},
		{"first line", "abc " + token + "\n", 1, 5},
		{"second line", "abc\nab " + token + "\n", 2, 4},
		{"second line, no newline at the end", "abc\n" + token, 2, 1},
		{"crlf", "abc\r\n\r\nab " + token + "\r\nxyz\r\n", 3, 4},
		{"characters, not bytes", "äöü " + token + "\n", 1, 5},
		{"byte order mark", "\xef\xbb\xbf" + token + "\n", 1, 1},
		{"utf-16", utf16Text("ä\r\nab "+token+"\r\n", binary.LittleEndian, true), 2, 4},
		{"far down", strings.Repeat("one line\n", 50_000) + "ab " + token, 50_001, 4},
		{"far right", strings.Repeat("ä;", 100_000) + token, 1, 200_001},
		{"the secret, not the words before it", "a\n  password_token: " + token + "\n", 2, 19},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := only(t, scanTree(t, tree{"f": c.text}), "github-pat")
			if f.Line != c.line || f.Column != c.column {
				t.Errorf("expected %d:%d, found %d:%d", c.line, c.column, f.Line, f.Column)
			}
		})
	}
}

// A secret is found exactly once wherever the edge of a chunk falls.
func TestChunkEdges(t *testing.T) {
	token := githubToken("edge")
	for _, newline := range []string{"\n", " "} {
		for shift := -50; shift <= 50; shift += 25 {
			for _, edge := range []int{chunkSize, chunkSize - overlap} {
				pad := strings.Repeat("word"+newline, (edge+shift)/5)
				only(t, scanTree(t, tree{"f": pad + token + newline + pad}), "github-pat")
			}
		}
		pad := strings.Repeat("word"+newline, (chunkSize-overlap-200)/5)
		only(t, scanTree(t, tree{"f": pad + privateKey("edge") + pad}), "private-key")
	}
}

func TestO08_NoSecretLeaves(t *testing.T) {
	token, aws, key := githubToken("canary"), awsKey("canary"), privateKey("canary")
	low := "hunter2" + letters("low", lower+digits, 9)
	encoded := base64.StdEncoding.EncodeToString([]byte("token " + token))
	got := scanTree(t, tree{
		"a.env":                 "GITHUB=" + token + "\nAWS=" + aws + "\n" + encoded + "\npass" + "word = \"" + low + "\"\n",
		"keys/id":               key,
		"named-" + token + "":   token,
		"notes/" + aws + ".txt": "x " + aws,
	})
	if len(got.Findings) < 6 {
		t.Fatalf("expected at least 6 findings, found %+v", got.Findings)
	}
	out, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{token, aws, low, encoded, strings.Split(key, "\n")[1]} {
		for _, form := range []string{secret, secret[:len(secret)/2], secret[len(secret)/2:],
			hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret)), sha(secret)} {
			if bytes.Contains(out, []byte(form)) {
				t.Errorf("the result holds %d characters of a secret", len(form))
			}
		}
	}
}

func sha(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func TestFingerprints(t *testing.T) {
	a, b := githubToken("a"), githubToken("b")
	of := func(path, text string) string {
		return only(t, scanTree(t, tree{path: text}), "github-pat").Fingerprint
	}
	first := of("f", a)
	if again := of("f", "moved\ndown\n  "+a+"\n"); again != first {
		t.Error("a secret that moved within its file has another fingerprint")
	}
	if first == of("g", a) || first == of("f", b) {
		t.Error("another file or another secret has the same fingerprint")
	}
	if len(first) != 64 {
		t.Errorf("fingerprint %q is no hex of sha256", first)
	}
	// Guessing: many candidates fit one fingerprint, so none of them is confirmed.
	fits := 0
	want := fingerprint("generic-api-key", "f", "secret-0")
	for i := range 1 << 18 {
		if fingerprint("generic-api-key", "f", fmt.Sprint("secret-", i)) == want {
			fits++
		}
	}
	if fits < 2 {
		t.Error("a fingerprint singles out one of 2^18 guesses")
	}
}

func TestS11_SuppressionsAreReportedNotObeyed(t *testing.T) {
	token := githubToken("suppressed")
	got := scanTree(t, tree{
		"a.go":               "x\ntoken := " + token + " // gitleaks:allow\n",
		"b.py":               "t = '" + token + "'  # pragma: allowlist secret\n",
		".gitleaksignore":    "a.go:github-pat:2\nb.py:github-pat:1\n",
		".gitleaks.toml":     "[allowlist]\npaths = ['.*']\n",
		"sub/.secretsignore": "*\n",
	})
	for _, path := range []string{"a.go", "b.py"} {
		if !slices.ContainsFunc(got.Findings, func(f predicate.Finding) bool { return f.Path == path && f.Rule == "github-pat" }) {
			t.Errorf("%s: the secret was not found", path)
		}
	}
	want := []predicate.Suppressed{{Path: ".gitleaks.toml", Kind: ".gitleaks.toml"}, {Path: ".gitleaksignore", Kind: ".gitleaksignore"},
		{Path: "a.go", Line: 2, Kind: "gitleaks:allow"}, {Path: "b.py", Line: 1, Kind: "pragma: allowlist secret"},
		{Path: "sub/.secretsignore", Kind: ".secretsignore"}}
	if !slices.Equal(got.Suppressed, want) {
		t.Errorf("suppressed: expected %+v, found %+v", want, got.Suppressed)
	}
}

func TestSkippedIsNamed(t *testing.T) {
	token := githubToken("skipped")
	files := tree{"node_modules/x/index.js": token, "logo.png": token, "package-lock.json": token, "app": "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 64) + token,
		"node_modules_x/a.js": token, "@octokit/auth-token/README.md": token}
	got := scanTree(t, files)
	want := []string{"@octokit/auth-token/README.md [github-app-token]", "@octokit/auth-token/README.md [github-pat]", "app", "logo.png",
		"node_modules/x/index.js", "package-lock.json"}
	if !slices.Equal(got.Skipped, want) || got.SkippedN != len(want) {
		t.Errorf("skipped: expected %q, found %q (%d)", want, got.Skipped, got.SkippedN)
	}
	only(t, got, "github-pat")
	for i := range 1500 {
		files[fmt.Sprintf("node_modules/%04d", i)] = "x"
	}
	if got := scanTree(t, files); len(got.Skipped) != maxSkipped || got.SkippedN != len(want)+1500 {
		t.Errorf("expected %d named of %d, found %d of %d", maxSkipped, len(want)+1500, len(got.Skipped), got.SkippedN)
	}
}

func TestScope(t *testing.T) {
	got := scanTree(t, tree{"a": "12345", "b/c": "123", "x.png": "0000", "empty": ""})
	if want := (predicate.Scope{Files: 3, Bytes: 8}); got.Scope != want {
		t.Errorf("scope: expected %+v, found %+v", want, got.Scope)
	}
	if got.Findings == nil || got.Suppressed == nil || got.Skipped == nil {
		t.Error("an empty list would be null in JSON")
	}
	if got.Scanner.Version != Version || !strings.HasPrefix(got.Scanner.RulesDigest, "sha256:") || got.StartedOn != "2026-11-22T01:00:00Z" {
		t.Errorf("scanner %+v at %q", got.Scanner, got.StartedOn)
	}
}

func TestNameOnlyRule(t *testing.T) {
	got := scanTree(t, tree{"certs/server.p12": "0\x82\x0a\x00binary", "empty.p12": ""})
	if f := only(t, got, "pkcs12-file"); f.Path != "certs/server.p12" || f.Line != 0 || f.Column != 0 {
		t.Errorf("found %+v", f)
	}
}

func TestSameResultWhateverTheParallelism(t *testing.T) {
	files := tree{}
	for i := range 40 {
		files[fmt.Sprintf("d%d/f", i)] = strings.Repeat("x\n", i*1000) + githubToken(fmt.Sprint(i)) + "\n" + awsKey(fmt.Sprint(i)) + " gitleaks:allow\n"
	}
	var first string
	for _, n := range []int{1, 2, 8} {
		opt := options()
		opt.Parallelism = n
		got, err := Scan(t.Context(), files, opt)
		if err != nil {
			t.Fatal(err)
		}
		out, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(out)
		}
		if string(out) != first {
			t.Errorf("the result with %d workers differs", n)
		}
	}
}

type walkFunc func(ctx context.Context, visit func(scanners.FileEntry) error) error

func (w walkFunc) Walk(ctx context.Context, visit func(scanners.FileEntry) error) error {
	return w(ctx, visit)
}

func one(size int64, open func() (io.ReadCloser, error)) scanners.Files {
	return walkFunc(func(_ context.Context, visit func(scanners.FileEntry) error) error {
		return visit(scanners.FileEntry{Path: "bad", Size: size, Open: open})
	})
}

func TestNeverAnIncompleteResult(t *testing.T) {
	broken := errors.New("disk on fire")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	text := func(s string) func() (io.ReadCloser, error) {
		return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }
	}
	after := func(s string) func() (io.ReadCloser, error) {
		return func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(s), failing{broken})), nil
		}
	}
	small := options()
	small.MaxFile = 100
	noClock := options()
	noClock.Now = nil
	cases := []struct {
		name  string
		ctx   context.Context
		files scanners.Files
		opt   Options
		want  error
		text  string
	}{
		{"no files", t.Context(), tree{}, options(), ErrNothing, ""},
		{"walk fails", t.Context(), walkFunc(func(context.Context, func(scanners.FileEntry) error) error { return broken }), options(), broken, ""},
		{"open fails", t.Context(), one(1, func() (io.ReadCloser, error) { return nil, broken }), options(), broken, "bad"},
		{"read fails", t.Context(), one(50, after("some text")), options(), broken, ""},
		{"read fails in an archive", t.Context(), one(50, after(gz(t, strings.Repeat("some text", 1000))[:30])), options(), broken, ""},
		{"shorter than announced", t.Context(), one(50, text("some text")), options(), nil, "expected 50"},
		{"longer than announced", t.Context(), one(3, text("some text")), options(), nil, "expected 3"},
		{"empty but not announced so", t.Context(), one(3, text("")), options(), nil, "expected 3"},
		{"past the limit", t.Context(), tree{"big": strings.Repeat("x", 200)}, small, ErrLimit, "big"},
		{"cancelled", cancelled, tree{"a": githubToken("x")}, options(), context.Canceled, ""},
		{"no clock", t.Context(), tree{"a": "b"}, noClock, nil, "clock"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := Scan(c.ctx, c.files, c.opt)
			if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("expected an error (%v, %q), found %v", c.want, c.text, err)
			}
			if got.Complete || got.Findings != nil {
				t.Errorf("a failed scan gave a result: %+v", got)
			}
		})
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestForeignNames(t *testing.T) {
	got := scanTree(t, tree{"caf\xe9/\n<x>": githubToken("n")})
	if f := only(t, got, "github-pat"); f.Path != "caf\\xe9/\n<x>" {
		t.Errorf("path %q", f.Path)
	}
}

// Names of rules in our own table must be rules, and the version must be the one that is built in.
func TestS13_TablesFitTheRules(t *testing.T) {
	rules, err := loadRules()
	if err != nil {
		t.Fatal(err)
	}
	critical := 0
	for id := range rules.config.Rules {
		if severity(id) == "critical" {
			critical++
		}
	}
	if critical != 10 {
		t.Errorf("10 rules are called critical, of which %d exist", critical)
	}
	mod, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(mod, []byte("github.com/zricethezav/gitleaks/v8 "+Version+"\n")) {
		t.Errorf("go.mod has another version of gitleaks than %s", Version)
	}
}
