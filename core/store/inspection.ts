import type { Db } from './store.ts'

/** A look at a database that changes nothing of it, not even its schema. */
export interface Inspection {
  readonly read: Db
  /** Where it lies and how large it is, in words. */
  describe(): Promise<string>
  /** Checks the settings that the promises rest on, and names them. Throws for one that does not hold. */
  checkSettings(): Promise<string>
  /** How many migrations the next start has to apply. Throws MigrationError for a database that it would refuse. */
  countMissingMigrations(): Promise<number>
  /** What is wrong with its own structures: nothing in a sound database. Takes a pass over the whole of it. */
  findDamage(): Promise<readonly string[]>
  /** References to rows that do not exist. */
  countBrokenReferences(): Promise<number>
  close(): Promise<void>
}
