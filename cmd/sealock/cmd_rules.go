// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/rules"
	configrules "github.com/sealock-dev/sealock/rules/config"
)

// ruleEntry is a rule as the commands show it.
type ruleEntry struct {
	ID          string          `json:"id"`
	Over        string          `json:"over"` // evidence or configuration
	Title       string          `json:"title"`
	Description string          `json:"description,omitempty"`
	Severity    string          `json:"severity"`
	Remediation string          `json:"remediation"`
	Reads       []string        `json:"reads"`
	ZeroTrust   []string        `json:"zeroTrust"`
	Parameters  []ruleParameter `json:"parameters,omitempty"`
	References  []ruleReference `json:"references,omitempty"`
}

type ruleParameter struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Default any    `json:"default"`
	About   string `json:"about"`
}

type ruleReference struct {
	URL   string `json:"url"`
	About string `json:"about,omitempty"`
}

func describeRule(r rules.Rule, over string) ruleEntry {
	v := ruleEntry{ID: r.ID, Over: over, Title: r.Title, Description: r.Description, Severity: r.Severity, Remediation: r.Remediation, Reads: r.Kinds, ZeroTrust: r.ZeroTrust}
	for _, p := range r.Accepts {
		v.Parameters = append(v.Parameters, ruleParameter{p.Name, p.Type, p.Default, p.About})
	}
	for _, ref := range r.References {
		v.References = append(v.References, ruleReference{ref.URL, ref.About})
	}
	return v
}

// allRules lists the rules that sealock brings: those of the gate over evidence, then those over configuration, each by id.
func allRules() ([]ruleEntry, error) {
	gate, err := rules.Compile(rules.Options{Builtin: true})
	if err != nil {
		return nil, err
	}
	config, err := configrules.Compile(nil)
	if err != nil {
		return nil, err
	}
	var out []ruleEntry
	for _, r := range gate.Rules() {
		out = append(out, describeRule(r, "evidence"))
	}
	for _, r := range config.Rules() {
		out = append(out, describeRule(r, "configuration"))
	}
	return out, nil
}

func rulesCommand(opt *options) *cobra.Command {
	cmd := &cobra.Command{Use: "rules", Short: "List and explain the rules over evidence and over configuration", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_ = cmd.Help()
			return usagef("expected list or show")
		}}
	cmd.AddCommand(rulesListCommand(opt), rulesShowCommand(opt))
	return cmd
}

func rulesListCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "list [FAMILY]", Short: "List the rules, or those of one family", Args: cobra.MaximumNArgs(1),
		Long: `List the rules that sealock brings: those that the gate applies to evidence, and those that "sealock scan" applies to Kubernetes manifests,
Terraform, Dockerfiles, Compose files and pipelines. The family of a rule over configuration is the part of its id before the dot.`,
		Example: "  sealock rules list\n  sealock rules list rbac -o json",
		RunE: func(_ *cobra.Command, args []string) error {
			all, err := allRules()
			if err != nil {
				return err
			}
			if len(args) > 0 {
				all = slices.DeleteFunc(all, func(r ruleEntry) bool { return family(r) != args[0] })
				if len(all) == 0 {
					return usagef("there is no family %q\nhint: see 'sealock rules list'", args[0])
				}
			}
			return opt.renderValue(all, func(line func(string, ...any)) {
				last := ""
				for _, r := range all {
					if f := family(r); f != last {
						line("%s", f)
						last = f
					}
					line("  %-38s %-10s %s", r.ID, r.Severity, r.Title)
				}
				line("%d rules; 'sealock rules show ID' explains one", len(all))
			})
		}}
}

// family groups rules for people: the gate's are one, those over configuration go by the first part of their id.
func family(r ruleEntry) string {
	if r.Over == "evidence" {
		return "gate"
	}
	name, _, _ := strings.Cut(r.ID, ".")
	return name
}

func rulesShowCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "show ID", Short: "Explain a rule: what it asks for, why, what to do, and its parameters", Args: cobra.ExactArgs(1),
		Example: "  sealock rules show workload.privileged\n  sealock rules show vulnerabilities -o json",
		RunE: func(_ *cobra.Command, args []string) error {
			all, err := allRules()
			if err != nil {
				return err
			}
			i := slices.IndexFunc(all, func(r ruleEntry) bool { return r.ID == args[0] })
			if i < 0 {
				ids := make([]string, len(all))
				for i, r := range all {
					ids[i] = r.ID
				}
				return usagef("there is no rule %q\nhint: %s", args[0], closest(args[0], ids, "see 'sealock rules list'"))
			}
			return opt.renderValue(all[i], all[i].text)
		}}
}

func (r ruleEntry) text(line func(string, ...any)) {
	line("%s  %s, over %s (%s)", r.ID, r.Severity, r.Over, strings.Join(r.Reads, ", "))
	line("  %s.", r.Title)
	if r.Description != "" {
		line("  why:   %s", r.Description)
	}
	line("  do:    %s", r.Remediation)
	for _, p := range r.Parameters {
		line("  param: %s (%s, default %s): %s", p.Name, p.Type, defaultText(p.Default), p.About)
	}
	for _, ref := range r.References {
		if ref.About == "" {
			line("  see:   %s", ref.URL)
			continue
		}
		line("  see:   %s (%s)", ref.URL, ref.About)
	}
	if len(r.ZeroTrust) > 0 {
		line("  meets: %s", strings.Join(r.ZeroTrust, ", "))
	}
}

func defaultText(v any) string {
	if v == nil {
		return "none"
	}
	return fmt.Sprint(v)
}
