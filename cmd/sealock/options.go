// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report"
)

// options are the flags that every command knows. Each can also be given as SEALOCK_NAME.
type options struct {
	*host
	dir            string
	config         string
	policy         string
	minVersion     int
	store          string
	env            string
	key            string
	db             string
	ledger         string
	recording      recording
	command        string // its name
	output         []string
	registryConfig string
	mirrors        []string
	plain          []string // registries that are spoken to without TLS
	network        network
	keyless        keylessFlags
	policySigner   policySignerFlags
	offline        bool
	timeout        time.Duration
	quiet          bool
	verbose        bool
	noColor        bool
}

func (o *options) global(root *cobra.Command) {
	f := root.PersistentFlags()
	f.StringVarP(&o.dir, "dir", "C", ".", "work in this folder")
	f.StringVar(&o.config, "config", "", "pipeline file (default sealock.yaml in the folder)")
	f.StringVar(&o.policy, "policy", "", "policy: a folder, a .tar.gz, or oci://HOST/REPOSITORY with :TAG or @DIGEST (default: what sealock.yaml names)")
	o.policySigner.register(root)
	f.IntVar(&o.minVersion, "policy-min-version", 0, "refuse a policy of an older version")
	f.StringVar(&o.store, "store", "", "evidence: a folder, or oci://HOST/REPOSITORY (default: what sealock.yaml names, beside the image, or .sealock)")
	f.StringVar(&o.registryConfig, "registry-config", "", "file with registry credentials, in Docker's format (default: where docker and podman keep it)")
	f.StringArrayVar(&o.mirrors, "registry-mirror", nil, "HOST=MIRROR: ask the mirror first for what is named by digest; may be repeated")
	f.StringArrayVar(&o.plain, "insecure-registry", nil, "speak to this registry host without TLS; may be repeated")
	f.StringVar(&o.key, "key", "", "what signs: a file with a private key, env://NAME, local:NAME, a key management service (awskms://, gcpkms://, azurekms://, hashivault://, k8s://), or keyless (default: the local key, or the certificate, of the identity that is needed)")
	o.keyless.register(root)
	f.StringArrayVarP(&o.output, "output", "o", nil, "output FORMAT[=FILE]; may be repeated ("+strings.Join(report.Formats(), ", ")+")")
	f.StringVar(&o.ledger, "ledger", "", "file that keeps every decision of this command; one that can't be kept does not count (default: a ledger in the user's state folder, as far as it can be written; none: nothing is kept)")
	f.BoolVar(&o.offline, "offline", false, "open no network connection")
	f.DurationVar(&o.timeout, "timeout", 0, "give up after this time, undecided (0: no limit)")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no progress, only the result")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "say more")
	f.BoolVar(&o.noColor, "no-color", false, "no colours (also NO_COLOR)")
	o.scanFlags(root)
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return o.fromEnvironment(cmd) }
}

// fromEnvironment fills the flags that were not given from SEALOCK_… variables.
func (o *options) fromEnvironment(cmd *cobra.Command) error {
	o.command = cmd.Name()
	names := map[string]string{"dir": "SEALOCK_DIR", "config": "SEALOCK_CONFIG", "policy": "SEALOCK_POLICY", "policy-min-version": "SEALOCK_POLICY_MIN_VERSION", "policy-key": "SEALOCK_POLICY_KEY", "policy-identity": "SEALOCK_POLICY_IDENTITY", "policy-issuer": "SEALOCK_POLICY_ISSUER", "trusted-root": "SEALOCK_TRUSTED_ROOT", "store": "SEALOCK_STORE",
		"key": "SEALOCK_KEY", "db": "SEALOCK_DB", "registry-config": "SEALOCK_REGISTRY_CONFIG", "registry-mirror": "SEALOCK_REGISTRY_MIRROR", "output": "SEALOCK_OUTPUT", "offline": "SEALOCK_OFFLINE", "timeout": "SEALOCK_TIMEOUT", "quiet": "SEALOCK_QUIET", "verbose": "SEALOCK_VERBOSE",
		"ledger": "SEALOCK_LEDGER", "no-color": "SEALOCK_NO_COLOR", "signing-config": "SEALOCK_SIGNING_CONFIG", "login": "SEALOCK_LOGIN", "env": "SEALOCK_ENV"}
	for flag, variable := range names {
		v, f := o.getenv(variable), cmd.Flags().Lookup(flag)
		if v == "" || f == nil || f.Changed {
			continue
		}
		if err := cmd.Flags().Set(flag, v); err != nil {
			return usagef("%s=%q: %w", variable, v, err)
		}
	}
	written := map[string]string{}
	for _, out := range o.output {
		format, file, toFile := strings.Cut(out, "=")
		if all := outputsOf(cmd); !known(format, all) {
			return usagef("output format %q: expected one of %s", format, strings.Join(all, ", "))
		}
		at := filepath.Clean(o.path(file))
		switch before, twice := written[at]; {
		case toFile && file == "":
			return usagef("output %s: expected a file name after =", out)
		case toFile && twice:
			return usagef("outputs %s and %s go to the same file: the second would replace the first\nhint: name another file", before, out)
		case toFile:
			written[at] = out
		}
	}
	if info, err := os.Stat(o.dir); err != nil || !info.IsDir() {
		return usagef("folder %q: not a folder that can be read", o.dir)
	}
	return nil
}

// outputsOf lists the formats of a command. Those that show no decision have text and JSON, some SARIF.
func outputsOf(cmd *cobra.Command) []string {
	top := cmd
	for top.HasParent() && top.Parent().HasParent() {
		top = top.Parent()
	}
	switch top.Name() {
	case "scan":
		return []string{"text", "json", "sarif"}
	case "audit", "bundle", "db", "doctor", "evidence", "identity", "policy", "rules", "trust":
		return []string{"text", "json"}
	}
	return report.Formats()
}

func known(s string, all []string) bool {
	for _, x := range all {
		if x == s {
			return true
		}
	}
	return false
}

// environmentFlag adds --env to a command that needs it.
func (o *options) environmentFlag(cmd *cobra.Command, usage string) {
	cmd.Flags().StringVar(&o.env, "env", "", usage)
}

// context bounds the command by --timeout.
func (o *options) context(cmd *cobra.Command) (context.Context, context.CancelFunc) {
	if o.timeout <= 0 {
		return context.WithCancel(cmd.Context())
	}
	return context.WithTimeout(cmd.Context(), o.timeout)
}

// path makes a path relative to -C absolute.
func (o *options) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	abs, err := filepath.Abs(filepath.Join(o.dir, p))
	if err != nil {
		return filepath.Join(o.dir, p)
	}
	return abs
}

// say prints progress and advice for people, on standard error.
func (o *options) say(format string, args ...any) {
	if !o.quiet {
		fmt.Fprintln(o.stderr, report.Clean(stage.WithoutCredentials(fmt.Sprintf(format, args...))))
	}
}

// text are the options of the renderers for a writer. The subjects are named as on the command line: one for each decision, or one for all.
func (o *options) text(w io.Writer, subjects ...string) report.Options {
	named := make([]string, len(subjects))
	for i, s := range subjects {
		named[i] = stage.WithoutCredentials(s)
	}
	return report.Options{Color: o.color(w), Width: terminalWidth(w), Verbose: o.verbose, Subjects: named, Dir: o.dir, Base: o.base(), Meaning: meaning}
}

// base is where -C is in its repository, which is what services that show findings at their place go by: a folder with .git in it, or above it.
func (o *options) base() string {
	top := o.path(".")
	for dir := top; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			rel, err := filepath.Rel(dir, top)
			if err != nil || rel == "." {
				return ""
			}
			return filepath.ToSlash(rel)
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// meaning is why a reason code matters.
func meaning(code string) string {
	c, _ := documented(code)
	return c.Meaning
}

// terminal is the terminal that a writer is, or nil.
func terminal(w io.Writer) *os.File {
	if c, ok := w.(*checkedWriter); ok {
		w = c.Writer
	}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return f
}

// terminalWidth is how many columns a terminal has, 80 if it does not say, and 0 for what is no terminal.
func terminalWidth(w io.Writer) int {
	f := terminal(w)
	if f == nil {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		return 80
	}
	return width
}

func (o *options) color(w io.Writer) bool {
	return terminal(w) != nil && !o.noColor && o.getenv("NO_COLOR") == "" && o.getenv("TERM") != "dumb"
}

// render writes decisions in every format asked for, text by default. A report that can't be written is an error whatever the verdict.
func (o *options) render(decisions []gate.Decision, subjects ...string) error {
	return o.eachOutput(func(w io.Writer, format string) error {
		return report.Write(w, format, decisions, o.text(w, subjects...))
	})
}

// eachOutput hands fill every output that was asked for, text on standard output if there is none.
func (o *options) eachOutput(fill func(w io.Writer, format string) error) error {
	outputs := o.output
	if len(outputs) == 0 {
		outputs = []string{"text"}
	}
	for _, out := range outputs {
		format, file, toFile := strings.Cut(out, "=")
		if err := o.write(file, toFile, func(w io.Writer) error { return fill(w, format) }); err != nil {
			return fmt.Errorf("writing %s: %w", out, err)
		}
	}
	return nil
}

// save puts content into a file, which is replaced at once or not at all.
func (o *options) save(file string, content []byte) error {
	return o.write(file, true, func(w io.Writer) error { _, err := w.Write(content); return err })
}

// write hands a function standard output, or a file that is replaced at once or not at all.
func (o *options) write(file string, toFile bool, fill func(io.Writer) error) error {
	if !toFile {
		return fill(o.stdout)
	}
	if file == "" {
		return usagef("expected a file name after =")
	}
	if info, err := os.Lstat(o.path(file)); err == nil && !info.Mode().IsRegular() { // a link would choose where it goes, a device would be replaced
		return usagef("%s is no regular file\nhint: name another file, or leave =FILE out for standard output", file)
	}
	dir := filepath.Dir(o.path(file))
	tmp, err := os.CreateTemp(dir, ".sealock-*")
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no folder %s\nhint: make it first: mkdir -p %s", dir, report.Word(dir))
	} else if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	err = errors.Join(fill(tmp), tmp.Chmod(0o644), tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), o.path(file))
}

// cache is a folder in the user's cache.
func (o *options) cache(name string) (string, error) {
	base := o.getenv("XDG_CACHE_HOME")
	if base == "" {
		home := o.getenv("HOME")
		if home == "" {
			return "", usagef("no folder for a cache: neither XDG_CACHE_HOME nor HOME is set\nhint: set one of them; for vulnerability data --db FOLDER does too")
		}
		base = filepath.Join(home, ".cache")
	}
	return filepath.Join(base, "sealock", name), nil
}
