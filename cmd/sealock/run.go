// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/gate/promotion"
)

// host is everything outside the program that a command may touch.
type host struct {
	environ []string
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	now     func() time.Time
	secrets map[string]string // variables that were taken out of the environment

	beforeStep func(promotion.Step) error // asked before each step of a promotion; nil but in tests
}

// system is the real host. Variables that sign are dropped from the environment of the process before anything else runs.
func system() *host {
	h := &host{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, now: time.Now}
	h.environ, h.secrets = takeSecrets(os.Environ(), os.Args)
	return h
}

// getenv reads a variable, those that sign included.
func (h *host) getenv(name string) string {
	if v, ok := h.secrets[name]; ok {
		return v
	}
	for _, kv := range h.environ {
		if k, v, _ := strings.Cut(kv, "="); k == name {
			return v
		}
	}
	return ""
}

// run is the whole program: it parses args, runs the command and gives the exit code.
func run(h *host, args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends what does not listen to the first
	out := &checkedWriter{Writer: h.stdout}
	checked := *h
	checked.stdout = out
	root := newRoot(&checked)
	root.SetArgs(admitArgs(args))
	err := root.ExecuteContext(ctx)
	if err == nil && out.err != nil { // whatever the verdict: nobody has seen it
		err = fmt.Errorf("writing to standard output: %w", out.err)
	}
	if err != nil {
		printError(h.stderr, err)
	}
	return exitCode(err)
}

// checkedWriter remembers that something could not be written.
type checkedWriter struct {
	io.Writer
	err error
}

func (w *checkedWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if err != nil && w.err == nil {
		w.err = err
	}
	return n, err
}

func newRoot(h *host) *cobra.Command {
	opt := &options{host: h}
	root := &cobra.Command{
		Use:   "sealock",
		Short: "Gate software between the stages of a pipeline and its environments, on signed evidence",
		Long: `sealock runs the stages of a pipeline, signs what they found, and lets an artifact move on only if the chain of
signed evidence behind it satisfies a policy.

Start with "sealock init" in a repository, then "sealock run --all".

Exit codes: 0 allowed, 1 refused, 2 undecided (could not find out: treat it as refused), 3 usage or configuration error,
4 the stage's own command failed.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_ = cmd.Help()
			return usagef("no command given")
		},
	}
	root.SetIn(h.stdin)
	root.SetOut(h.stdout)
	root.SetErr(h.stderr)
	root.SetFlagErrorFunc(unknownFlag)
	opt.global(root)
	root.AddCommand(workCommands(opt)...)
	root.AddCommand(verifyCommand(opt), explainCommand(opt), promoteCommand(opt), rollbackCommand(opt), packCommand(opt), approveCommand(opt), revokeCommand(opt), waiveCommand(opt), serveCommand(opt), admitCommand(opt), breakGlassCommand(opt),
		attestCommand(opt), signCommand(opt), evidenceCommand(opt), keysCommand(opt), policyCommand(opt), identityCommand(opt), bundleCommand(opt), trustCommand(opt),
		doctorCommand(opt), schemaCommand(opt), versionCommand(opt))
	wrapUsage(root)
	return root
}

// wrapUsage makes wrong arguments of any command usage errors.
func wrapUsage(cmd *cobra.Command) {
	if args := cmd.Args; args != nil {
		cmd.Args = func(c *cobra.Command, a []string) error {
			if err := args(c, a); err != nil {
				return wrongArguments(c, a, err)
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		wrapUsage(sub)
	}
}
