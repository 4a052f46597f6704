// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/spf13/cobra"
)

type unpacked struct{}

func packCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "pack", Short: "x", Hidden: true}
}

func (p *promoteOptions) runPack(ctx context.Context, args []string) error { return usagef("x") }
