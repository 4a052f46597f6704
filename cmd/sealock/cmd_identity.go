// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/gate"
)

func identityCommand(opt *options) *cobra.Command {
	cmd := &cobra.Command{Use: "identity", Short: "Show who signed a bundle, and what a signer may sign", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_ = cmd.Help()
			return usagef("expected show or test")
		}}
	cmd.AddCommand(identityShowCommand(opt), identityTestCommand(opt))
	return cmd
}

func identityShowCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "show BUNDLE", Short: "Print whom the certificate of a bundle names, and the YAML for policy.yaml", Args: cobra.ExactArgs(1),
		Long: `Print issuer, subject and every claim of the certificate in a Sigstore bundle (or in a PEM file), and an entry for the identities of policy.yaml
that names it. Nothing is verified: put into a policy only what you expect to see there.

The entry pins the source repository and its owner by number, which outlive renaming, and what tells a release from a pull request. Leave out
what is to be free; write several values as a list.`,
		Example: "  sealock identity show build.sigstore.json",
		RunE: func(_ *cobra.Command, args []string) error {
			id, err := opt.readHolder(args[0])
			if err != nil {
				return err
			}
			view := identityShown{Verified: false, Identity: id, YAML: identityYAML(id)}
			return opt.renderValue(view, view.text)
		}}
}

// identityShown is what a certificate says, in JSON.
type identityShown struct {
	Verified bool            `json:"verified"` // never: the command reads, it does not judge
	Identity attest.Identity `json:"identity"`
	YAML     string          `json:"yaml"`
}

func (v identityShown) text(line func(string, ...any)) {
	line("not verified: this is what the certificate says of itself")
	line("%-36s %s", "issuer", v.Identity.Issuer)
	line("%-36s %s", "subject", v.Identity.Subject)
	line("%-36s %s", "serial", v.Identity.Serial)
	for _, name := range sorted(v.Identity.Claims) {
		line("%-36s %s", name, v.Identity.Claims[name])
	}
	line("")
	line("for policy.yaml:")
	for _, l := range strings.Split(strings.TrimSuffix(v.YAML, "\n"), "\n") {
		line("%s", l)
	}
}

// pinned are the claims that an entry for policy.yaml names where the certificate has them.
var pinned = []string{"sourceRepositoryIdentifier", "sourceRepositoryOwnerIdentifier", "sourceRepositoryRef", "buildConfigURI", "buildTrigger", "runnerEnvironment", "deploymentEnvironment"}

// identityYAML is the entry of policy.yaml for a certificate. Values are quoted, so that none is read as something else.
func identityYAML(id attest.Identity) string {
	var b strings.Builder
	b.WriteString("identities:\n  " + identityName(id.Subject) + ":\n    issuer: " + strconv.Quote(id.Issuer) + "\n    subject: " + strconv.Quote(id.Subject) + "\n")
	head := "    claims:\n"
	for _, name := range pinned {
		value, ok := id.Claims[name]
		if !ok || value == "" || (name == "buildConfigURI" && value == id.Subject) {
			continue
		}
		b.WriteString(head + "      " + name + ": " + strconv.Quote(value) + "\n")
		head = ""
	}
	return b.String()
}

// identityName makes a name for an identity out of its subject: that of the workflow's file, or of the mailbox.
func identityName(subject string) string {
	name, _, _ := strings.Cut(subject, "@")
	name = strings.ToLower(path.Base(name))
	name = strings.TrimLeft(strings.TrimSuffix(name, path.Ext(name)), "._-")
	name = strings.Map(func(r rune) rune {
		if (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9') || r == '-' || r == '_' || r == '.' {
			return r
		}
		return '-'
	}, name)
	if name = strings.TrimLeft(name[:min(len(name), 48)], "._-"); name == "" {
		return "signer"
	}
	return name
}

// readHolder reads whom the certificate in a file names: a Sigstore bundle, or a PEM certificate. Nothing is verified.
func (o *options) readHolder(file string) (attest.Identity, error) {
	data, err := o.readBundle(file)
	if err != nil {
		return attest.Identity{}, err
	}
	der, err := holderOf(data)
	if err != nil {
		return attest.Identity{}, usagef("%s: %w", file, err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return attest.Identity{}, usagef("%s: reading its certificate: %w", file, err)
	}
	id, err := sigstore.Holder(cert)
	if err != nil {
		return attest.Identity{}, usagef("%s: %w", file, err)
	}
	return id, nil
}

func (o *options) readBundle(file string) ([]byte, error) {
	info, err := os.Stat(o.path(file))
	switch {
	case err != nil:
		return nil, usageError{err}
	case !info.Mode().IsRegular() || info.Size() > attest.MaxBundle:
		return nil, usagef("%s: expected a file of at most %d bytes", file, attest.MaxBundle)
	}
	data, err := os.ReadFile(o.path(file))
	if err != nil {
		return nil, usageError{err}
	}
	return data, nil
}

// holderOf is the certificate in a bundle, 0.3 or older, or in a PEM file.
func holderOf(data []byte) ([]byte, error) {
	if block, _ := pem.Decode(data); block != nil && block.Type == "CERTIFICATE" && bytes.HasPrefix(bytes.TrimSpace(data), []byte("-----")) {
		return block.Bytes, nil
	}
	type certificate struct {
		RawBytes []byte `json:"rawBytes"`
	}
	var b struct {
		Material struct {
			Certificate certificate `json:"certificate"`
			Chain       struct {
				Certificates []certificate `json:"certificates"`
			} `json:"x509CertificateChain"`
			PublicKey *struct{} `json:"publicKey"`
		} `json:"verificationMaterial"`
	}
	if err := attest.DecodeJSON(data, &b); err != nil {
		return nil, usagef("neither a Sigstore bundle nor a PEM certificate: %w", err)
	}
	switch {
	case len(b.Material.Certificate.RawBytes) > 0:
		return b.Material.Certificate.RawBytes, nil
	case len(b.Material.Chain.Certificates) > 0:
		return b.Material.Chain.Certificates[0].RawBytes, nil
	case b.Material.PublicKey != nil:
		return nil, usagef("signed with a key, which has no claims: name its public key as key: in policy.yaml")
	}
	return nil, usagef("holds no certificate")
}

// identityTested is what a signer may sign, in JSON.
type identityTested struct {
	Identity attest.Identity `json:"identity"`
	Names    []string        `json:"names"` // the identities of the policy that it is
	Roles    []roleTested    `json:"roles"`
	Revoked  []string        `json:"revoked"`
	May      bool            `json:"may"` // sign for anything
}

type roleTested struct {
	Role    string                       `json:"role"`
	May     bool                         `json:"may"`
	As      []string                     `json:"as,omitempty"`
	Differs map[string][]gate.Difference `json:"differs,omitempty"` // from each identity that may
}

func identityTestCommand(opt *options) *cobra.Command {
	var issuer, subject string
	var claims []string
	cmd := &cobra.Command{Use: "test [BUNDLE]", Short: "Say which stages a signer may sign by the policy, and for the others what differs", Args: cobra.MaximumNArgs(1),
		Long: `Hold a certificate's issuer, subject and claims against the policy: for which stages, promotions and approvals it may sign, and where it may not,
in which claim it differs from the identity that may. The certificate is that of a bundle (which is not verified), or what the flags say of one.
Exits 0 if it may sign for anything, 1 if for nothing, or if it was revoked.`,
		Example: "  sealock identity test build.sigstore.json\n  sealock identity test --issuer https://token.actions.githubusercontent.com \\\n    --subject https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/main \\\n    --claim sourceRepositoryIdentifier=4711 --claim runnerEnvironment=github-hosted",
		RunE: func(cmd *cobra.Command, args []string) error {
			var id attest.Identity
			var err error
			switch given := issuer != "" || subject != "" || len(claims) > 0; {
			case given && len(args) > 0:
				return usagef("expected a bundle, or --issuer, --subject and --claim, not both")
			case len(args) > 0:
				id, err = opt.readHolder(args[0])
			default:
				id, err = identityOfFlags(issuer, subject, claims)
			}
			if err != nil {
				return err
			}
			return opt.testIdentity(cmd.Context(), id)
		}}
	cmd.Flags().StringVar(&issuer, "issuer", "", "OIDC issuer, exactly as the token has it")
	cmd.Flags().StringVar(&subject, "subject", "", "subject of the certificate")
	cmd.Flags().StringArrayVar(&claims, "claim", nil, "NAME=VALUE: one more claim of the certificate; may be repeated")
	return cmd
}

func identityOfFlags(issuer, subject string, claims []string) (attest.Identity, error) {
	id := attest.Identity{Issuer: issuer, Subject: subject, Claims: map[string]string{}}
	if issuer == "" || subject == "" {
		return id, usagef("expected a bundle, or both --issuer and --subject")
	}
	for _, c := range claims {
		name, value, ok := strings.Cut(c, "=")
		switch {
		case !ok:
			return id, usagef("--claim %q: expected NAME=VALUE", c)
		case !slices.Contains(gate.Claims, name):
			return id, usagef("--claim %q: unknown claim\nhint: known are %s", c, strings.Join(gate.Claims, ", "))
		}
		if _, twice := id.Claims[name]; twice {
			return id, usagef("--claim %s stands twice: a certificate has one value", name)
		}
		id.Claims[name] = value
	}
	return id, nil
}

func (o *options) testIdentity(ctx context.Context, id attest.Identity) error {
	p, _, err := o.readPolicy(ctx, gate.Origin{})
	if err != nil {
		return err
	}
	v := identityTested{Identity: id, Names: append([]string{}, p.Names(id)...), Revoked: []string{}}
	for _, role := range p.Roles() {
		r := roleTested{Role: role.Name, May: p.MaySign(id, role.Names)}
		for _, name := range p.Expand(role.Names) {
			if diffs := p.Differences(id, name); len(diffs) == 0 {
				r.As = append(r.As, name)
			} else if !r.May {
				if r.Differs == nil {
					r.Differs = map[string][]gate.Difference{}
				}
				r.Differs[name] = diffs
			}
		}
		v.May = v.May || r.May
		v.Roles = append(v.Roles, r)
	}
	for _, r := range p.RevokedSigner(id) {
		v.Revoked = append(v.Revoked, strings.TrimSpace(prefixed("from ", nonEmpty(timeText(r.From)))+": "+r.Reason))
		v.May = v.May && o.now().Before(r.From)
	}
	if err := o.renderValue(v, v.text); err != nil {
		return err
	}
	if !v.May {
		return verdictError{gate.Refused}
	}
	return nil
}

func (v identityTested) text(line func(string, ...any)) {
	line("%s", v.Identity.String())
	for _, r := range v.Roles {
		if r.May {
			line("may sign   %-24s as %s", r.Role, strings.Join(r.As, ", "))
			continue
		}
		name := ""
		for _, n := range sorted(r.Differs) { // the identity that comes closest
			if name == "" || len(r.Differs[n]) < len(r.Differs[name]) {
				name = n
			}
		}
		line("may not    %-24s %s differs", r.Role, name)
		for _, d := range r.Differs[name] {
			line("           %s", d)
		}
	}
	for _, r := range v.Revoked {
		line("revoked    %s", strings.TrimPrefix(r, ": "))
	}
}
