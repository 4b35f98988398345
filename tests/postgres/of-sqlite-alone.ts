/** Test files that are about SQLite's own things, left out where the suite runs on PostgreSQL. */
export const ofSqliteAlone: readonly string[] = [
  // Files, pragmas, VACUUM, the write-ahead log, query plans, group commit, the ledger that goes with copies of the file.
  'tests/core/store/sqlite/**',
  // A stolen copy of the file.
  'tests/core/audit/verify-chain.test.ts',
  // Copies of pages.
  'tests/core/backup/snapshot.test.ts',
  // What is left in the file's bytes, and processes that end in the middle of a rotation.
  'tests/core/store/rekey.test.ts',
  'tests/functions/keys/erasure.test.ts',
  // Backups are copies of the file; PostgreSQL has its own.
  'tests/infra/backup/**',
  'tests/infra/cli/backup.test.ts',
  // What the doctor finds in a copy of the file; tests/infra/cli/on-postgres.test.ts has the other.
  'tests/infra/cli/doctor.test.ts',
]
