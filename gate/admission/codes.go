// SPDX-License-Identifier: Apache-2.0

package admission

import "github.com/sealock-dev/sealock/gate"

// Reason codes of admission. They are stable.
const (
	CodeReview        = "REVIEW_MALFORMED"
	CodeImage         = "IMAGE_REFERENCE"
	CodeNotByDigest   = "IMAGE_NOT_BY_DIGEST"
	CodeNoImage       = "NO_IMAGE"
	CodeTooMany       = "TOO_MANY_IMAGES"
	CodeUnknownKind   = "UNKNOWN_KIND"
	CodeNoEnvironment = "NO_ENVIRONMENT"
	CodeNamespace     = "NAMESPACE_UNKNOWN"
	CodeGuarded       = "GUARDED_LABEL"
	CodeNoPolicy      = "NO_POLICY"
	CodeRegistryHost  = "REGISTRY_NOT_NAMED"
	CodeRegistryDown  = "REGISTRY_SUSPENDED"
	CodeOverload      = "OVERLOAD"
	CodeInternal      = "INTERNAL"
)

// Codes documents the reason codes of this package.
func Codes() []gate.CodeDoc {
	return []gate.CodeDoc{
		{Code: CodeReview, Meaning: "The admission review can't be read, so nothing in it is admitted.", Fix: "Look at the API server and the webhook's configuration."},
		{Code: CodeImage, Meaning: "An image reference is empty or can't be read.", Fix: "Write HOST/REPOSITORY@sha256:…"},
		{Code: CodeNotByDigest, Meaning: "An image is named by a tag. A tag can name something else tomorrow, so only a digest is judged.", Fix: "Write the digest that the message names."},
		{Code: CodeNoImage, Meaning: "An object that runs containers names no image.", Fix: "Give each container an image; for a kind that may do without, set mayBeEmpty in the admission configuration."},
		{Code: CodeTooMany, Meaning: "An object names more images than are judged at once.", Fix: "Split it."},
		{Code: CodeUnknownKind, Meaning: "The object is of a kind that could carry images, and nobody said where.", Fix: "Name the kind and its paths under kinds in the admission configuration."},
		{Code: CodeNoEnvironment, Meaning: "Nothing says which environment the namespace is.", Fix: "Label the namespace sealock.dev/environment=ENV, or list it in the admission configuration."},
		{Code: CodeNamespace, Meaning: "The namespace could not be looked up, so its environment is not known.", Fix: "Try again; check that the webhook may read namespaces."},
		{Code: CodeGuarded, Meaning: "A label that decides about admission may only be changed by those whom the configuration lists.", Fix: "Ask somebody whom guards in the admission configuration lists."},
		{Code: CodeNoPolicy, Meaning: "No policy is loaded, so nothing is admitted.", Fix: "See the log of sealock serve for why it could not be loaded."},
		{Code: CodeRegistryHost, Meaning: "Neither the policy nor the configuration names the registry, so it is not asked.", Fix: "List the repository in artifacts of the policy, or the host under registries in the admission configuration."},
		{Code: CodeRegistryDown, Meaning: "The registry failed several times in a row and is left alone for some seconds.", Fix: "Try again soon; look at the registry."},
		{Code: CodeOverload, Meaning: "More reviews wait than are taken at once.", Fix: "Try again soon; run more replicas if it happens often."},
		{Code: CodeInternal, Meaning: "The review could not be worked out because of a fault in sealock.", Fix: "Report it with the id in the message."},
	}
}
