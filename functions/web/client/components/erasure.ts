/** What became of the bytes of `what`, which was removed: as the server says it, and no more. */
export function erasure(bytesErased: boolean, what: string): string {
  return bytesErased
    ? `The bytes of ${what} are gone from the files of the database.`
    : `The bytes of ${what} may still lie, sealed, in the files of the database. They are erased as soon as it can be done, or when the database next cleans up.`
}
