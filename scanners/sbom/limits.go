// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"fmt"
	"strconv"
)

// Bounds on what is scanned. Past one of them is a LimitError, never a shorter SBOM.
const (
	MaxFiles        = 2_000_000 // files and folders of one source
	MaxPathLen      = 4096      // bytes of one path
	MaxLayers       = 512       // layers of one image
	MaxLayerBytes   = 64 << 30  // bytes of all layers of one image, uncompressed
	MaxManifest     = 8 << 20   // bytes of an image manifest or configuration
	MaxUnpackBytes  = 16 << 30  // bytes that one archive may unpack to, the archives inside it included
	MaxRatio        = 200       // times its packed size that an archive of some size may unpack to
	MaxRatioFree    = 64 << 20  // bytes below which the ratio does not matter
	MaxArchiveDepth = 8         // archives inside archives
	MaxArchives     = 10_000    // archives inside one archive, at any depth
	MaxArchiveFiles = 500_000   // entries of one archive, the archives inside it included
	MaxInnerArchive = 512 << 20 // bytes of an archive inside an archive
)

// LimitError says which bound was passed, and where.
type LimitError struct {
	What  string // for example "files"
	Path  string // what was being read, relative to the source; may be empty
	Limit int64
}

func (e *LimitError) Error() string {
	at := ""
	if e.Path != "" {
		at = " in " + strconv.Quote(e.Path)
	}
	return fmt.Sprintf("too much to scan%s: more than %d %s", at, e.Limit, e.What)
}
