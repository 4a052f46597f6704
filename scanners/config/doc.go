// SPDX-License-Identifier: Apache-2.0

// Package config reads everything in a tree that deploys something, so that rules can judge it: Kubernetes manifests (plain, kustomized, from
// Helm charts), Terraform code and plans, Dockerfiles, Compose files, GitHub workflows and actions, GitLab CI files, Jenkinsfiles.
//
// Use: Scan walks the files of a source, makes documents of them, has these judged by an Evaluator, and gives findings with file, line and column.
//
// A small tree is one document. In a larger one a few hundred files are read, judged and let go of at a time, Terraform's folders together with those that
// they call as modules; what is kept of them is their findings and, in few bytes, what rules read that look at several items (rules/config/scopes.json) and
// what the graph of flows is computed from. Findings are the same, whatever the batches. Memory is that of the largest file or of the most folders that
// call each other, and about a kilobyte for each Kubernetes object; but what kustomizations build stays, a module whose source is only known when it is
// evaluated puts all of Terraform together, and rules that a policy brings need the whole tree at once.
//
// Guarantees: a file that looks like one of these and can't be read is a finding, never passed over; nothing of the tree is run, no
// network is used and no file is opened but those that the walk gives (so no symbolic link is followed); comments that ask a scanner to ignore
// something are listed and never obeyed; past a bound is an error that names the file; equal trees give equal findings.
//
// Limits. Helm charts are judged with their default values and those in ci/; a template's lines are found by their text, which is a guess where
// the text is made up by the template. A dependency that the tree does not have is not judged, nor is a chart whose defaults are not meant to do; both are
// listed as skipped. Manifests that a kustomization builds are judged as built and not as written; those that no build has in it are judged as written.
// Values that a kustomization sets by JSON patches and inline patches have the position of the original. Helm and kustomize can't be stopped: past the
// bound on time or memory the scan is an error while they may still run. Files in testdata, node_modules, vendor and .terraform are counted as skipped unless
// Options.Include names them or a file that is judged takes them over: as a module of Terraform, an action, or a file that it includes or extends. Of
// Terraform's functions, file and templatefile read small files of the tree. Of Jenkinsfiles the words are read, not the program: what functions and shared libraries do is not followed.
// Terraform modules of a registry are not fetched: of the best known for AWS the arguments that a call writes out are judged as the resources' own.
//
// # The document
//
// The document has a list for each Kind, and graph and declared (flows). Every item has id, file and resource. A rule names an item by its id
// and a value in it by a path, which is relative to
//
//	kubernetes          object
//	compose, github,    object
//	gitlab
//	dockerfiles         the item: ["instructions", 3], ["stages", 0]
//	jenkins             the item: ["steps", 3, "expressions", 0], ["libraries", 1], ["images", 0], ["environment", 2]
//	terraform           values; a leading "values" is passed over unless there is an attribute of that name
//
// A Kubernetes object with several pods, or with one that is put together of its parts (a workflow's templates, a task's steps), is an item without a pod,
// and beside it one for each pod, of which object has the name and the pod alone. Objects that another holds are items of their own.
package config
