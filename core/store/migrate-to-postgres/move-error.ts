/** Why a database was not moved, in words for the operator. Nothing is then served from elsewhere than before. */
export class MoveError extends Error {
  override readonly name = 'MoveError'
}
