// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"crypto"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/rules"
)

// LoadOptions is what a policy needs from outside.
type LoadOptions struct {
	// ParseKey reads a public key file; attest/sigstore has it.
	ParseKey func(pem []byte) (crypto.PublicKey, string, error)
	// LocalKey gives the public key file of a local:NAME identity. Nil: such identities are errors.
	LocalKey func(name string) ([]byte, error)
	// TrustRoot reads a trusted_root.json, or, for nil, takes that of the public-good instance, and names it. It refuses one that could verify nothing.
	// Nil: policies that trust certificates are errors.
	TrustRoot func(json []byte) (attest.Digest, error)
	Origin    Origin
	// Timeout bounds one evaluation of the rules; zero is the rules' own default.
	Timeout time.Duration
}

// LoadPolicy reads a policy: a folder, or a .tar.gz of one. It refuses everything it does not understand.
func LoadPolicy(uri string, opt LoadOptions) (*Policy, error) {
	files, err := policyFiles(uri)
	if err != nil {
		return nil, err
	}
	return ParsePolicy(uri, files, opt)
}

// policyFiles reads a folder, or a .tar.gz of one.
func policyFiles(uri string) (map[string][]byte, error) {
	if strings.Contains(uri, "://") {
		return nil, fmt.Errorf("policy %s: expected a folder, a .tar.gz, or oci://HOST/REPOSITORY with a tag or digest", uri)
	}
	info, err := os.Stat(uri)
	if err != nil {
		return nil, fmt.Errorf("reading policy: %w\nhint: name the policy folder with --policy, or write one with 'sealock init'", err)
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("policy %s: expected a folder or a .tar.gz, found a %s", uri, info.Mode().Type())
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
	return files, nil
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
	p := &Policy{URI: uri, Origin: opt.Origin, Files: map[string]attest.Digest{}, keys: map[string]trustedKey{}, names: map[string][]string{}, parsedAs: uri, content: map[string][]byte{}}
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
	if err := p.compileCertificates(); err != nil {
		return nil, err
	}
	used, err := p.loadKeys(places, files, opt)
	if err != nil {
		return nil, err
	}
	root, err := p.loadTrust(places, files, opt)
	if err != nil {
		return nil, err
	}
	maps.Copy(used, root)
	if err := p.loadRules(uri, places, files, opt, compile); err != nil {
		return nil, err
	}
	if err := p.loadWaivers(at("waivers.yaml"), files["waivers.yaml"]); err != nil {
		return nil, err
	}
	if err := p.loadBaseline(at(BaselineFile), files[BaselineFile]); err != nil {
		return nil, err
	}
	return p, p.digest(files, used)
}

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
				return nil, places.Errorf(at, publicKeyHint(local), "keys of the user's own folder are not accepted here")
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
		p.keys[name] = trustedKey{id: keyID, key: key, file: file}
		p.names[keyID] = append(p.names[keyID], name)
	}
	if len(p.keys) == 0 && len(p.certificates) == 0 {
		return nil, places.Errorf("identities", "", "no identity has a key or is that of a certificate: nothing could ever be verified")
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

// publicKeyHint says how the public key of a local one gets into a policy; as a command only where the name can be typed as it is.
func publicKeyHint(local string) string {
	hint := "put the public key into the policy folder"
	if strings.Trim(local, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != "" || strings.HasPrefix(local, "-") {
		return hint
	}
	return fmt.Sprintf("%s: mkdir -p keys && sealock keys show %s > keys/%s.pub, and name it here: keys/%s.pub", hint, local, local, local)
}

func (p *Policy) loadRules(uri string, places Places, files map[string][]byte, opt LoadOptions, compile func(rules.Options) (*rules.Set, error)) error {
	own, vendored := policyModules(uri, files)
	if len(vendored) > 0 && !opt.Origin.Signed {
		return fmt.Errorf("policy %s: it brings the gate's own rules (%s…), which counts only in a signed policy\nhint: name who must have signed it, with --policy-key or --policy-identity", uri, vendored[0].Path)
	}
	set, err := compile(rules.Options{Modules: own, Builtin: true, Own: vendored, Timeout: opt.Timeout})
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
	p.rules, p.modules = set, own
	return nil
}

// policyModules are the rules in a policy: its own, and the gate's if it was built to carry them.
func policyModules(uri string, files map[string][]byte) (own, vendored []rules.Module) {
	for _, name := range sortedKeys(files) {
		switch {
		case !strings.HasSuffix(name, ".rego"):
		case strings.HasPrefix(name, rules.SourcePrefix):
			vendored = append(vendored, rules.Module{Path: name, Source: files[name]})
		default: // of tests it is only made sure that they decide nothing
			own = append(own, rules.Module{Path: path.Join(filepath.ToSlash(uri), name), Source: files[name]})
		}
	}
	return own, vendored
}

func anyParams(in map[string]map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range in {
		out[k] = v
	}
	return out
}

// digest names the policy: the sha256 of the canonical list of its files, one line each, "<hex>  <path>\n", in order of path.
func (p *Policy) digest(files, used map[string][]byte) error {
	for name, data := range files {
		switch {
		case name == "policy.yaml", name == "waivers.yaml", name == BaselineFile, name == "revoked.yaml", name == "trusted_root.json",
			strings.HasSuffix(name, ".rego"), strings.HasPrefix(name, "keys/"):
			p.Files[name], p.content[name] = attest.SHA256(data), data
		}
	}
	for name, data := range used {
		p.Files[name], p.content[name] = attest.SHA256(data), data
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

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
