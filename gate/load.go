// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"archive/tar"
	"compress/gzip"
	"crypto"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/rules"
)

// Bounds of a policy folder.
const (
	maxPolicyFiles = 2000
	maxPolicyBytes = 32 << 20
	// maxPolicyArchive leaves room for headers: an archive may hold folders without end and no byte of content.
	maxPolicyArchive = maxPolicyBytes + maxPolicyFiles*4096
)

// LoadOptions is what a policy needs from outside.
type LoadOptions struct {
	// ParseKey reads a public key file; attest/sigstore has it.
	ParseKey func(pem []byte) (crypto.PublicKey, string, error)
	// LocalKey gives the public key file of a local:NAME identity. Nil: such identities are errors.
	LocalKey func(name string) ([]byte, error)
	Origin   Origin
	// Timeout bounds one evaluation of the rules; zero is the rules' own default.
	Timeout time.Duration
}

// LoadPolicy reads a policy: a folder, or a .tar.gz of one. It refuses everything it does not understand.
func LoadPolicy(uri string, opt LoadOptions) (*Policy, error) {
	if strings.Contains(uri, "://") {
		return nil, fmt.Errorf("policy %s: only a folder or a .tar.gz can be read by this version", uri)
	}
	info, err := os.Stat(uri)
	if err != nil {
		return nil, fmt.Errorf("reading policy: %w\nhint: name the policy folder with --policy, or write one with 'sealock init'", err)
	}
	var files map[string][]byte
	if info.IsDir() {
		files, err = readPolicyDir(uri)
	} else {
		files, err = readPolicyArchive(uri)
	}
	if err != nil {
		return nil, fmt.Errorf("reading policy %s: %w", uri, err)
	}
	return ParsePolicy(uri, files, opt)
}

// ParsePolicy reads a policy from its files by slash-separated path. Files that are no part of a policy are left out of its digest.
func ParsePolicy(uri string, files map[string][]byte, opt LoadOptions) (*Policy, error) {
	return parsePolicy(uri, files, opt, rules.Compile)
}

func parsePolicy(uri string, files map[string][]byte, opt LoadOptions, compile func(rules.Options) (*rules.Set, error)) (*Policy, error) {
	main, ok := files["policy.yaml"]
	if !ok {
		return nil, fmt.Errorf("policy %s: holds no policy.yaml", uri)
	}
	p := &Policy{URI: uri, Origin: opt.Origin, Files: map[string]attest.Digest{}, keys: map[string]trustedKey{}, names: map[string][]string{}}
	at := func(name string) string { return path.Join(filepath.ToSlash(uri), name) }
	places, err := DecodeYAML(at("policy.yaml"), main, &p.PolicyFile)
	if err != nil {
		return nil, err
	}
	if err := p.validate(places); err != nil {
		return nil, err
	}
	if err := p.loadRevoked(at("revoked.yaml"), files["revoked.yaml"]); err != nil {
		return nil, err
	}
	used, err := p.loadKeys(places, files, opt)
	if err != nil {
		return nil, err
	}
	if err := p.loadRules(uri, places, files, opt, compile); err != nil {
		return nil, err
	}
	if err := p.loadWaivers(at("waivers.yaml"), files["waivers.yaml"]); err != nil {
		return nil, err
	}
	return p, p.digest(files, used)
}

func (p *Policy) loadWaivers(file string, data []byte) error {
	if data == nil {
		return nil
	}
	var w waiversFile
	places, err := DecodeYAML(file, data, &w)
	if err != nil {
		return err
	}
	if err := checkHeader(places, w.APIVersion, w.Kind, KindWaivers); err != nil {
		return err
	}
	ids := []string{}
	for _, r := range p.rules.Rules() {
		ids = append(ids, r.ID)
	}
	for i, x := range w.Waivers {
		at := fmt.Sprintf("waivers[%d]", i)
		scope := x.Scope.Advisory + x.Scope.Path + x.Scope.Resource + x.Scope.Subject
		_, badSubject := attest.ParseDigest(x.Scope.Subject)
		switch {
		case x.Rule == "":
			return places.Errorf(at, "", "a waiver needs the rule it is about")
		case !contains(ids, x.Rule):
			return places.Errorf(at+".rule", suggest(x.Rule, ids), "unknown rule %q", x.Rule)
		case x.Scope == WaiverScope{}:
			return places.Errorf(at, "give at least one of advisory, purl, path, resource, subject", "a waiver needs a scope")
		case x.Reason == "" || x.Owner == "":
			return places.Errorf(at, "", "a waiver needs a reason and an owner")
		case x.Expires.IsZero():
			return places.Errorf(at, "for example expires: 2027-01-31T00:00:00Z", "a waiver needs a day on which it expires")
		case strings.ContainsAny(scope, "*?"), strings.Contains(x.Scope.PURL, "*"): // in a package URL ? begins the qualifiers
			return places.Errorf(at+".scope", "", "wildcards are not allowed in a waiver")
		case x.Scope.Subject != "" && badSubject != nil:
			return places.Errorf(at+".scope.subject", "", "%v", badSubject)
		}
	}
	p.Waivers = w.Waivers
	return nil
}

func (p *Policy) loadRevoked(file string, data []byte) error {
	if data == nil {
		return nil
	}
	list, err := ParseRevocations(file, data, p)
	p.Revoked = list
	return err
}

// ParseRevocations reads revoked.yaml. Identities must be names of the policy, or digests of keys.
func ParseRevocations(file string, data []byte, p *Policy) ([]Revocation, error) {
	var r RevocationsFile
	places, err := DecodeYAML(file, data, &r)
	if err != nil {
		return nil, err
	}
	if err := checkHeader(places, r.APIVersion, r.Kind, KindRevocations); err != nil {
		return nil, err
	}
	for i, x := range r.Revoked {
		at := fmt.Sprintf("revoked[%d]", i)
		given := 0
		for _, s := range []string{x.Subject, x.Statement, x.Identity, x.Serial} {
			if s != "" {
				given++
			}
		}
		if given != 1 {
			return nil, places.Errorf(at, "", "expected exactly one of subject, statement, identity, serial")
		}
		if _, err := attest.ParseDigest(x.Subject); x.Subject != "" && err != nil {
			return nil, places.Errorf(at+".subject", "", "%v", err)
		}
		if d, err := attest.ParseDigest(x.Statement); x.Statement != "" && (err != nil || d.Algorithm != "sha256") {
			return nil, places.Errorf(at+".statement", "statements are named by the sha256 of their bytes", "%q is not sha256:…", x.Statement)
		}
		if !isLowerHexOrEmpty(x.Serial) {
			return nil, places.Errorf(at+".serial", "", "%q: expected lower-case hex without separators", x.Serial)
		}
		if _, known := p.Identities[x.Identity]; x.Identity != "" && !known {
			if d, err := attest.ParseDigest(x.Identity); err != nil || d.Algorithm != "sha256" {
				return nil, places.Errorf(at+".identity", suggest(x.Identity, sortedKeys(p.Identities)), "unknown identity %q", x.Identity)
			}
		}
		if !x.From.IsZero() && x.Identity == "" && x.Serial == "" {
			return nil, places.Errorf(at+".from", "", "`from` belongs to identities and serials; subjects and statements are revoked wholly")
		}
	}
	return r.Revoked, nil
}

func isLowerHexOrEmpty(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

// loadKeys reads the key of each identity and returns the files it used.
func (p *Policy) loadKeys(places Places, files map[string][]byte, opt LoadOptions) (map[string][]byte, error) {
	used := map[string][]byte{}
	for _, name := range sortedKeys(p.Identities) {
		id := p.Identities[name]
		if id.Key == "" {
			continue
		}
		at := "identities." + name + ".key"
		file := path.Clean(id.Key)
		pem, ok := files[file]
		if local := localName(id.Key); local != "" {
			if opt.LocalKey == nil {
				return nil, places.Errorf(at, "put the public key into the policy folder", "keys of the user's own folder are not accepted here")
			}
			var err error
			if pem, err = opt.LocalKey(local); err != nil {
				return nil, places.Errorf(at, fmt.Sprintf("make it with 'sealock keys generate %s'", local), "%v", err)
			}
			p.localNames = append(p.localNames, name)
		} else if !ok {
			return nil, places.Errorf(at, "paths are relative to the policy folder", "no file %q in the policy", id.Key)
		}
		key, keyID, err := opt.ParseKey(pem)
		if err != nil {
			return nil, places.Errorf(at, "expected one public key in PEM form", "%s: %v", id.Key, err)
		}
		used[file] = pem
		p.keys[name] = trustedKey{id: keyID, key: key, file: file, notBefore: id.NotBefore, notAfter: id.NotAfter}
		p.names[keyID] = append(p.names[keyID], name)
	}
	if len(p.keys) == 0 {
		return nil, places.Errorf("identities", "", "no identity has a key: nothing could ever be verified")
	}
	return used, nil
}

// localName is NAME in local:NAME, or "".
func localName(key string) string {
	name, ok := strings.CutPrefix(key, "local:")
	if !ok {
		return ""
	}
	return name
}

func (p *Policy) loadRules(uri string, places Places, files map[string][]byte, opt LoadOptions, compile func(rules.Options) (*rules.Set, error)) error {
	var own []rules.Module
	for _, name := range sortedKeys(files) {
		if strings.HasSuffix(name, ".rego") && !strings.HasSuffix(name, "_test.rego") {
			own = append(own, rules.Module{Path: path.Join(filepath.ToSlash(uri), name), Source: files[name]})
		}
	}
	set, err := compile(rules.Options{Modules: own, Builtin: true, Timeout: opt.Timeout})
	if err != nil {
		return fmt.Errorf("compiling rules: %w", err)
	}
	for _, env := range append([]string{""}, sortedKeys(p.Environments)...) {
		if err := set.Check(anyParams(p.Params(env))); err != nil {
			at := "rules"
			if env != "" && len(p.EnvironmentRules[env]) > 0 {
				at = "environmentRules." + env
			}
			return places.Errorf(at, "", "%s", strings.TrimPrefix(err.Error(), "rules: "))
		}
	}
	p.rules = set
	return nil
}

func anyParams(in map[string]map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range in {
		out[k] = v
	}
	return out
}

// digest names the policy: the sha256 of the canonical list of its files, one line each, "<hex>  <path>\n", in order of path.
func (p *Policy) digest(files, keys map[string][]byte) error {
	for name, data := range files {
		switch {
		case name == "policy.yaml", name == "waivers.yaml", name == "revoked.yaml", name == "trusted_root.json",
			strings.HasSuffix(name, ".rego"), strings.HasPrefix(name, "keys/"):
			p.Files[name] = attest.SHA256(data)
		}
	}
	for name, data := range keys {
		p.Files[name] = attest.SHA256(data)
	}
	var b strings.Builder
	for _, name := range sortedKeys(p.Files) {
		if strings.ContainsAny(name, "\n\r") {
			return fmt.Errorf("policy file name %q holds a line break", name)
		}
		b.WriteString(p.Files[name].Hex + "  " + name + "\n")
	}
	p.Digest = attest.SHA256([]byte(b.String()))
	return nil
}

func checkHeader(places Places, version, kind, want string) error {
	if version != APIVersion {
		return places.Errorf("apiVersion", "", "is %q, expected %q", version, APIVersion)
	}
	if kind != want {
		return places.Errorf("kind", "", "is %q, expected %q", kind, want)
	}
	return nil
}

func readPolicyDir(dir string) (map[string][]byte, error) {
	files, total := map[string][]byte{}, int64(0)
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		switch {
		case e.IsDir() && strings.HasPrefix(e.Name(), ".") && rel != ".":
			return filepath.SkipDir
		case e.IsDir():
			return nil
		case !e.Type().IsRegular():
			return fmt.Errorf("%s is not a regular file: links and devices are not allowed in a policy", rel)
		}
		data, err := readBounded(name, maxPolicyBytes-total)
		if err != nil {
			return err
		}
		total += int64(len(data))
		files[filepath.ToSlash(rel)] = data
		if len(files) > maxPolicyFiles {
			return fmt.Errorf("holds more than %d files", maxPolicyFiles)
		}
		return nil
	})
	return files, err
}

func readBounded(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s: policy holds more than %d bytes", name, maxPolicyBytes)
	}
	return data, err
}

func readPolicyArchive(name string) (map[string][]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("expected a folder or a .tar.gz: %w", err)
	}
	files, total := map[string][]byte{}, int64(0)
	unpacked := &io.LimitedReader{R: z, N: maxPolicyArchive}
	for t := tar.NewReader(unpacked); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if unpacked.N <= 0 {
			return nil, fmt.Errorf("unpacks to more than %d bytes", maxPolicyArchive)
		}
		if err != nil {
			return nil, err
		}
		clean := path.Clean(strings.TrimPrefix(h.Name, "./"))
		switch {
		case h.Typeflag == tar.TypeDir:
			continue
		case h.Typeflag != tar.TypeReg, strings.HasPrefix(clean, "../"), path.IsAbs(clean):
			return nil, fmt.Errorf("entry %q: only regular files inside the archive are allowed", h.Name)
		case files[clean] != nil:
			return nil, fmt.Errorf("entry %q stands twice", h.Name)
		}
		data, err := io.ReadAll(io.LimitReader(t, maxPolicyBytes-total+1))
		if err != nil {
			return nil, err
		}
		if total += int64(len(data)); total > maxPolicyBytes || len(files) >= maxPolicyFiles {
			return nil, fmt.Errorf("holds more than %d bytes or %d files", maxPolicyBytes, maxPolicyFiles)
		}
		files[clean] = data
	}
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// YAML is the revocation as an entry of the list in revoked.yaml.
func (r Revocation) YAML() []byte {
	var b strings.Builder
	sep := "  - {"
	field := func(k, v string) {
		if v != "" {
			fmt.Fprintf(&b, "%s%s: %q", sep, k, v)
			sep = ", "
		}
	}
	field("subject", r.Subject)
	field("statement", r.Statement)
	field("identity", r.Identity)
	field("serial", r.Serial)
	field("from", rfc3339(r.From))
	field("reason", r.Reason)
	return []byte(b.String() + "}\n")
}
