import { deletionActions } from './deletion.ts'

/** Units of work, by the database they were lent, that appended a deletion to the audit log. */
const deleting = new WeakSet<object>()

/** Notes that the unit of work that was lent `db` appended such an event. */
export function noteDeletion(db: object, action: string): void {
  if ((deletionActions as readonly string[]).includes(action)) deleting.add(db)
}

export function hasDeleted(db: object): boolean {
  return deleting.has(db)
}
