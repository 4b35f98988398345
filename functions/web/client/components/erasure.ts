/** What became of the bytes of `what`, which was removed: as the server says it, and no more. */
export function erasure(bytesErased: boolean, what: string): string {
  return bytesErased
    ? `The bytes of ${what} are gone from the files of the database.`
    : `The bytes of ${what} may still lie, sealed, in the files of the database, which were in use. Oort goes on erasing them; “oort compact” on the server does it for certain.`
}
