// SPDX-License-Identifier: Apache-2.0

package config

// Concerns says what a file means to a scan by its name alone: whether the scan may read it, or count it, wherever it lies; and whether it may lead to any
// other file of the tree (a chart, a kustomization), so that the names of all others matter too.
func Concerns(path string) (read, refers bool) {
	c := byName(path)
	return c != nothing || ignoreFile(path) != "", c == chartFile || c == kustomizationFile
}
