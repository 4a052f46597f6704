// SPDX-License-Identifier: Apache-2.0

// Package admission is the validating webhook: it lets objects into a Kubernetes cluster whose every image may stay in the environment of its namespace.
//
// Use: ParseConfig, New with what the program knows (how a policy is loaded, how one image is decided about, how a namespace is looked up), Server.Run
// beside an http.Server whose Handler is the Server. The decision about one image is the program's own, so it is that of the command line.
//
// Guarantees: every answer that was not worked out to the end is a refusal: a review that can't be read, a kind that could carry images where nobody
// looked, a tag, a namespace without an environment, no policy, an expired policy, a registry that fails or is slow, too many reviews at once, a panic. Only in
// the modes warn and audit, which the configuration gives to a namespace, is a refusal an answer that lets the object in, and then it says so. A
// registry is asked only if the policy or the configuration names its host, and only once for one image however many pods name it at once. An allowed
// verdict is kept for a bounded time, under every input that it rests on: digest, repository, environment, policy and trust root.
//
// Limits: what is not sent to the webhook is not judged: static pods of a node, exec into a running container, and whatever an administrator
// takes out of the webhook's configuration. Evidence that is taken back shows when the kept verdict is over; a policy that is replaced shows at once.
package admission
