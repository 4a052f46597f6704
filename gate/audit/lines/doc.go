// SPDX-License-Identifier: Apache-2.0

// Package lines keeps a ledger as JSON lines in a file: for programs that link no database.
//
// Use: Open to write, Read to look at it. The first line names the form; a line is a document in base64 by its digest, or an entry with its hash, after the
// documents that it rests on, as in an export.
//
// Guarantees: those of audit.Ledger. Lines are only ever added, under a lock on the file that several processes respect; an entry is on the disk when Append
// returns. What a crash left half written at the end was never acknowledged, and the next writer cuts it off.
//
// Limits: a query reads the whole file, and whoever opens it keeps the place of each document in memory: past some ten thousand entries the database of the
// full program serves better. Documents are not compressed. A lock is no lock on network file systems.
package lines
