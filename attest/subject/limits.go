// SPDX-License-Identifier: Apache-2.0

package subject

// Bounds on what is resolved. Past one of them is an error that names it, never a truncation.
const (
	MaxRef        = 4096      // bytes of a reference
	MaxEntries    = 1_000_000 // files, links and submodules of one tree
	MaxPathBytes  = 4096      // bytes of one path in a tree
	MaxTreeDepth  = 256       // nesting of folders
	MaxFileBytes  = 16 << 30  // bytes of one file of a tree
	MaxTreeBytes  = 64 << 30  // bytes of all files of a tree
	MaxTreeObject = 64 << 20  // bytes of one Git tree or commit object
	MaxLinkBytes  = 4096      // bytes of the text of one symbolic link
	MaxGitOutput  = 64 << 20  // bytes that one Git command may write
	MaxSubmodules = 1024      // submodules of one commit
	MaxNesting    = 8         // submodules within submodules that are compared with their commits
	MaxSingleFile = 256 << 30 // bytes of a file: subject
	MaxManifest   = 4 << 20   // bytes of one OCI manifest or index (the distribution specification's own bound)
	MaxConfig     = 8 << 20   // bytes of one image configuration
	MaxLayers     = 1024      // layers of one image
	MaxManifests  = 256       // manifests reachable from one index
	MaxIndexDepth = 3         // indexes within indexes
	MaxImageBytes = 128 << 30 // bytes of all layers of a subject, and of what they unpack to
	MaxTarEntries = 100_000   // entries of a docker-archive
	fetchAtOnce   = 3         // blobs of an image that are read at the same time
	maxNoted      = 5         // paths that a message lists
	maxPointer    = 1024      // bytes of a Git LFS pointer file (the specification says "less than 1024 bytes")
	maxNormalize  = 64 << 20  // bytes of a text file whose line endings are compared
)
