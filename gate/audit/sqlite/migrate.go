// SPDX-License-Identifier: Apache-2.0

package sqlite

// applicationID marks the file as a ledger: "slck" in ASCII.
const applicationID = 0x736c636b

// migrations bring a file from each version of the schema to the next; user_version counts those that were made. They are never changed, only added to.
//
// What is stored beside the lines can be made from them again: terms are what they are found by, recorded is their time in milliseconds. Check
// compares them.
var migrations = []string{
	`CREATE TABLE entries (seq INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, recorded INTEGER NOT NULL, entry BLOB NOT NULL);
	 CREATE INDEX entries_recorded ON entries (recorded);
	 CREATE TABLE terms (kind TEXT NOT NULL, value TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (kind, value, seq)) WITHOUT ROWID;
	 CREATE INDEX terms_seq ON terms (seq);
	 CREATE TABLE documents (digest TEXT PRIMARY KEY, size INTEGER NOT NULL, content BLOB NOT NULL) WITHOUT ROWID;
	 CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL);
	 INSERT INTO head VALUES (1, 0, '');`,
}
