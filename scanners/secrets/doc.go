// SPDX-License-Identifier: Apache-2.0

// Package secrets looks for credentials with gitleaks' built-in rules. It is the only importer of gitleaks.
//
// Use: Scan reads every file of a source's shared walk; ScanGitRange reads what the commits of a range added, so that a secret
// which a later commit took out again is still found.
//
// Guarantees:
//   - A secret never leaves this package. A finding holds the rule, the place and a fingerprint; see fingerprint for what that tells.
//   - A result is complete or there is an error: an unreadable file, a file whose length is not the announced one, a limit that
//     was passed, a cancelled context, and a walk that visits no file are errors.
//   - Nothing in the tree changes what is found. Inline comments such as gitleaks:allow, ignore files and rule files are listed
//     under Suppressed. Git attributes and textconv filters are not asked.
//   - What the built-in rules leave out by path (node_modules, lock files, images) and what can't be read as text (executables,
//     encrypted or broken archives) is listed under Skipped. "PATH [RULE]" there means that one rule left the file out.
//   - The same content gives the same result, whatever the parallelism.
//   - On each chunk of text the findings are those of gitleaks with all its rules, which decides on each of them. What is done here is only to
//     leave out texts, lines and rules where it can't find anything: nearly all of them, in a tenth of its time.
//
// Content is read in overlapping chunks, UTF-16 is read as text, base64, hex, percent and unicode escapes are decoded up to
// decodeDepth times, and zip, tar, gzip, bzip2 and zstd are unpacked up to maxDepth deep; a file in an archive is named "outer.zip!inner".
//
// Limits: a secret is found if a rule knows its form. Not found are secrets put together from several literals, UTF-32, secrets over
// 16 KiB, encoded ones over 16 KiB that lie across the edge of a chunk, and what lies in formats that are not unpacked
// (xz, 7z, rar, pictures). In a range of commits, lines that were moved within a file do not count as added.
package secrets
