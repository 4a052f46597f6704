// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sealock-dev/sealock/gate"
)

// closest is a hint that names the known word that was meant, else it is the other one.
func closest(word string, known []string, otherwise string) string {
	if hint := gate.Suggest(word, known); strings.HasPrefix(hint, "did you mean") {
		return hint
	}
	return otherwise
}

// wrongArguments is what is said of arguments that a command does not take, a subcommand that there is none of included.
func wrongArguments(c *cobra.Command, args []string, err error) error {
	help := fmt.Sprintf("see '%s --help'", c.CommandPath())
	if !c.HasSubCommands() {
		err = fmt.Errorf("%w; expected '%s'", err, strings.TrimSuffix(c.UseLine(), " [flags]"))
	} else if len(args) > 0 {
		var names []string
		for _, sub := range c.Commands() {
			names = append(names, sub.Name())
		}
		help = closest(args[0], names, help)
	}
	return usagef("%w\nhint: %s", err, help)
}

// unknownFlag is what is said of a flag that can't be read.
func unknownFlag(c *cobra.Command, err error) error {
	var missing *pflag.NotExistError
	if !errors.As(err, &missing) || len(missing.GetSpecifiedName()) < 2 {
		return usageError{err}
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, "--"+f.Name)
		}
	})
	return usagef("%w\nhint: %s", err, closest("--"+missing.GetSpecifiedName(), names, fmt.Sprintf("see '%s --help'", c.CommandPath())))
}
