// SPDX-License-Identifier: Apache-2.0

// Command sealock is the gate between the stages of a pipeline and its environments.
package main

import (
	"os"

	"github.com/sealock-dev/sealock/cmd/sealock/reserve"
)

func main() {
	reserve.Release()
	os.Exit(run(system(), os.Args[1:]))
}
