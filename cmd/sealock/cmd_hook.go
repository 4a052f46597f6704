// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"cmp"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/cmd/precheck"
	"github.com/sealock-dev/sealock/gate"
)

func hookCommand(opt *options) *cobra.Command {
	cmd := &cobra.Command{Use: "hook", Short: "Check every push before it is sent", Args: cobra.NoArgs,
		Long: `Install a pre-push hook that runs 'sealock check' on what is about to be sent, remove it, or tell whether it is there. It goes where core.hooksPath
says. A hook that is there already is kept and run first. Where lefthook, pre-commit or husky looks after hooks, what belongs into its file is printed
instead; --write puts it there, between marks, and changes nothing else in it.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_ = cmd.Help()
			return usagef("no command given")
		}}
	cmd.AddCommand(hookInstallCommand(opt), hookUninstallCommand(opt), hookStatusCommand(opt), hookPrePushCommand(opt))
	return cmd
}

// hook finds the hook of the repository in -C.
func (o *options) hook(cmd *cobra.Command) (precheck.Hook, error) {
	return precheck.FindHook(cmd.Context(), o.path("."), o.environ)
}

func hookInstallCommand(opt *options) *cobra.Command {
	var write bool
	cmd := &cobra.Command{Use: "install", Short: "Install the pre-push hook", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		h, err := opt.hook(cmd)
		if err != nil {
			return err
		}
		if m := h.Manager; m != nil {
			return opt.installManaged(m, write)
		}
		program, err := os.Executable()
		if err == nil {
			err = h.Install(program)
		}
		if err != nil {
			return usageError{err}
		}
		opt.say("every push is checked now: %s", h.File)
		if h.Other || h.Kept {
			opt.say("the hook that was there is kept, and run first")
		}
		return nil
	}}
	cmd.Flags().BoolVar(&write, "write", false, "where lefthook, pre-commit or husky looks after hooks: write into its file")
	return cmd
}

// installManaged leaves the hook to the program that looks after hooks: it gets a command to run, or is told of one.
func (o *options) installManaged(m *precheck.Manager, write bool) error {
	switch {
	case m.Has:
		o.say("%s runs sealock already: %s", m.Name, m.File)
		return nil
	case !write:
		o.say("%s looks after the hooks here: add this to %s, or let 'sealock hook install --write' do it", m.Name, m.File)
		if m.After != "" {
			o.say("then: %s", m.After)
		}
		_, err := io.WriteString(o.stdout, m.Snippet)
		return err
	}
	if err := m.Write(); err != nil {
		return usageError{err}
	}
	o.say("%s runs sealock before each push: %s", m.Name, m.File)
	if m.After != "" {
		o.say("then: %s", m.After)
	}
	return nil
}

func hookUninstallCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "uninstall", Short: "Remove the pre-push hook, and put back the one from before", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		h, err := opt.hook(cmd)
		if err != nil {
			return err
		}
		if m := h.Manager; m != nil && m.Marked {
			if _, err := m.Remove(); err != nil {
				return err
			}
			opt.say("removed from %s", m.File)
			if !h.Installed {
				return nil
			}
		}
		removed, err := h.Uninstall()
		switch {
		case err != nil:
			return err
		case removed && h.Kept:
			opt.say("removed; the hook from before is back: %s", h.File)
		case removed:
			opt.say("removed: %s", h.File)
		default:
			opt.say("there is no hook of sealock's in %s", h.File)
		}
		if m := h.Manager; m != nil && m.Has && !m.Marked {
			opt.say("%s still runs sealock: take it out of %s", m.Name, m.File)
		}
		return nil
	}}
}

func hookStatusCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "status", Short: "Tell whether pushes are checked", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		h, err := opt.hook(cmd)
		if err != nil {
			return err
		}
		said := "not installed: " + h.File
		switch {
		case h.Installed && h.Kept:
			said = "installed, with the hook from before: " + h.File
		case h.Installed:
			said = "installed: " + h.File
		case h.Manager != nil && h.Manager.Has:
			said = "run by " + h.Manager.Name + ": " + h.Manager.File
		case h.Other:
			said = "not installed; another hook is there: " + h.File
		}
		_, err = fmt.Fprintln(opt.stdout, said)
		return err
	}}
}

func hookPrePushCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "pre-push [REMOTE [URL]]", Short: "What the hook runs: check what Git is about to send", Args: cobra.MaximumNArgs(2),
		Long: `Check what Git is about to send. Git tells on standard input which refs it moves; pre-commit tells of the first one, in PRE_COMMIT_FROM_REF,
PRE_COMMIT_TO_REF and PRE_COMMIT_LOCAL_BRANCH. Where neither does, what no remote has yet is checked.

A push is stopped by what is refused, and by what goes wrong. What is only undecided (no vulnerability data here, a shallow clone) is told and sent: the gate asks again.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			updates, err := opt.pushed()
			if err != nil {
				return usageError{err}
			}
			r, err := opt.check(cmd, precheck.Scope{Kind: precheck.Push, Updates: updates}, false)
			if err != nil {
				return fmt.Errorf("checking the push: %w\nhint: git push --no-verify leaves the check out", err)
			}
			if opt.underPreCommit() {
				r.Notes = append(r.Notes, "pre-commit tells a hook of the first ref of a push only; others of the same push are not checked")
			}
			if err := opt.printCheck(r); err != nil {
				return err
			}
			if r.Verdict == gate.Refused {
				opt.say("the push was stopped; git push --no-verify sends it all the same")
				return checkVerdict(r)
			}
			return nil
		}}
}

// underPreCommit reports whether pre-commit runs the hook, and says in its environment what is pushed.
func (o *options) underPreCommit() bool {
	return o.getenv("PRE_COMMIT_TO_REF") != "" || o.getenv("PRE_COMMIT_LOCAL_BRANCH") != ""
}

// pushed is what Git, or pre-commit, says that is pushed; nil if neither says anything.
func (o *options) pushed() ([]precheck.Update, error) {
	if o.underPreCommit() {
		local := o.getenv("PRE_COMMIT_LOCAL_BRANCH") // all it tells where everything is pushed, back to the first commit
		return []precheck.Update{{Local: local, LocalID: cmp.Or(o.getenv("PRE_COMMIT_TO_REF"), local), Remote: o.getenv("PRE_COMMIT_REMOTE_BRANCH"), RemoteID: o.getenv("PRE_COMMIT_FROM_REF")}}, nil
	}
	if f, ok := o.stdin.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return nil, nil // a terminal, or nothing at all
		}
	}
	return precheck.ParseUpdates(o.stdin)
}
