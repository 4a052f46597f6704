// SPDX-License-Identifier: Apache-2.0

// Command sealock is the gate between the stages of a pipeline and its environments.
package main

import "os"

func main() {
	os.Exit(run(system(), os.Args[1:]))
}
