// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest/sigstore"
)

func keysCommand(opt *options) *cobra.Command {
	cmd := &cobra.Command{Use: "keys", Short: "Make and list key pairs", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_ = cmd.Help()
			return usagef("expected generate, list or show")
		}}
	cmd.AddCommand(keysGenerateCommand(opt), keysListCommand(opt), keysShowCommand(opt))
	return cmd
}

func keysGenerateCommand(opt *options) *cobra.Command {
	var alg, out string
	cmd := &cobra.Command{
		Use:   "generate [NAME]",
		Short: "Make a key pair in the user's key folder, or with --out beside it",
		Long: `Make a key pair in cosign's encrypted PEM format, with the password in COSIGN_PASSWORD (none: an empty one). With NAME the pair goes to the
user's key folder (SEALOCK_KEYS, or sealock/keys in the configuration folder), where a policy finds it as local:NAME. With --out PREFIX it
goes to PREFIX.key and PREFIX.pub. Files that exist are never overwritten.`,
		Example: "  sealock keys generate release\n  sealock keys generate --out cosign",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if (len(args) == 1) == (out != "") {
				return usagef("expected NAME, or --out PREFIX")
			}
			if alg != string(sigstore.ECDSAP256) && alg != string(sigstore.Ed25519) {
				return usagef("--algorithm %q: expected %s or %s", alg, sigstore.ECDSAP256, sigstore.Ed25519)
			}
			k := &keyring{options: opt}
			private, public := opt.path(out)+".key", opt.path(out)+".pub"
			if len(args) == 1 {
				var err error
				if private, public, err = k.files(args[0]); err != nil {
					return err
				}
			}
			made, err := k.create(private, public, sigstore.Algorithm(alg))
			if err != nil {
				return err
			}
			if !made {
				return usagef("%s exists already; it is left as it is", public)
			}
			fmt.Fprintf(opt.stdout, "private key %s\npublic key  %s\n", private, public)
			return nil
		},
	}
	cmd.Flags().StringVar(&alg, "algorithm", string(sigstore.ECDSAP256), "ecdsa-p256 or ed25519")
	cmd.Flags().StringVar(&out, "out", "", "write PREFIX.key and PREFIX.pub instead")
	return cmd
}

func keysListCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List the local key pairs", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			k := &keyring{options: opt}
			names, err := k.list()
			if err != nil {
				return err
			}
			for _, name := range names {
				pem, err := k.public(name)
				if err != nil {
					return err
				}
				_, id, err := parseKey(pem)
				if err != nil {
					id = "unreadable: " + err.Error()
				}
				fmt.Fprintf(opt.stdout, "%-24s %s\n", name, id)
			}
			if dir, err := k.folder(); len(names) == 0 && err == nil {
				opt.say("no keys in %s; make one with 'sealock keys generate NAME'", dir)
			}
			return nil
		}}
}

func keysShowCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "show NAME|FILE", Short: "Print a public key, and its digest on standard error", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			k := &keyring{options: opt}
			pem, err := os.ReadFile(opt.path(args[0]))
			if err != nil {
				if pem, err = k.public(args[0]); err != nil {
					return usageError{err}
				}
			}
			_, id, err := parseKey(pem)
			if err != nil {
				return usageError{err}
			}
			opt.say("%s", id) // beside the key, so that what is redirected into a file is the key alone
			_, err = opt.stdout.Write(pem)
			return err
		}}
}
