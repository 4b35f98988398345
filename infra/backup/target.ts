import type { Bytes } from '../../core/crypto/sealed-stream.ts'

/** A place that keeps named objects: a folder or a bucket. Names are of `A-Za-z0-9._-` alone. */
export interface Target {
  /** Keeps an object, whole or not at all. Memory is bounded, whatever its size. */
  put(name: string, bytes: Bytes): Promise<void>
  /** Throws ObjectMissing. */
  get(name: string): Promise<Bytes>
  /** The names of all objects, in order. */
  list(): Promise<string[]>
  /** Silent where there is no such object. */
  remove(name: string): Promise<void>
  /** Removes what interrupted calls of `put` left. */
  sweep(): Promise<void>
  close(): void
}

export class ObjectMissing extends Error {
  override readonly name = 'ObjectMissing'
}
