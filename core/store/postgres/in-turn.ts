/** Lets work about the same thing go one after another, in the order in which it came. */
export function createTurns(): <T>(about: string | undefined, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>()
  return (about, work) => {
    if (about === undefined) return work()
    const before = last.get(about)
    const done = before === undefined ? work() : before.then(work, work)
    last.set(about, done)
    const forget = () => {
      if (last.get(about) === done) last.delete(about)
    }
    done.then(forget, forget)
    return done
  }
}
