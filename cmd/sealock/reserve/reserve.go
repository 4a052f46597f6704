// SPDX-License-Identifier: Apache-2.0

// Package reserve keeps the garbage collector from running while the program starts.
//
// The libraries that sealock links fill tables of 13 MB before main, and by default the collector walks all of that at 4 MB and again at 8: a third of
// the time that `sealock version` takes. It starts when the heap has doubled, so a heap that begins with some memory that nobody touches starts it later.
// The memory is address space only: no page of it is ever resident.
//
// Use: import it from package main, and Release in main. It imports nothing, so that it is initialised before nearly everything else.
package reserve

// size lets a small command end before the first collection: 13 MB of the libraries, and about as much of its own.
const size = 28 << 20 //nolint:unused // see reserved

var reserved = make([]byte, size) //nolint:unused // that it is there is its use

// Release gives the memory back at the next collection; from then on the collector runs as ever.
func Release() { reserved = nil }
