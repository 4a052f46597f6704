// SPDX-License-Identifier: Apache-2.0

// Package precheck tells a developer before a push what the gate will say: secrets in the commits that would be sent, new faults in configuration and new
// vulnerable packages, and a preview of the gate's decision.
//
// Use: Run checks a Scope of one repository: what a push would send, what is staged, what came after a revision, or everything. ParseUpdates reads what
// Git tells a pre-push hook, Hook installs and removes one.
//
// Guarantees: nothing of the repository is run and nothing is fetched but evidence from a store that was named; content comes from the object database, so the
// work tree may be in any state; what a scan could not look at makes the outcome undecided rather than clean; a secret is never repeated. A preview is made with
// keys that exist for one call and that no policy knows: nothing of it can count for anything, wherever it ends up. It is neither stored nor recorded. A stage of
// which the store has evidence about the commit is not stood in for, whether that evidence counts or not.
//
// Limits: this is advice. It is made on the developer's machine, trusts the cache that it keeps there, and can be left out (git push --no-verify); whoever
// enforces asks the gate. What can't be known before the build is assumed, and each decision lists it.
package precheck
