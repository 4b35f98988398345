import { OortError } from '../errors.ts'

/** The outcome of a unit of work, or INTERNAL when it has none in time: it waits for something else than the database. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const refuse = () => reject(new OortError('INTERNAL', {}, new Error('a unit of work did not come to an end')))
    timer = setTimeout(refuse, ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
