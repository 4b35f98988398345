/**
 * Runs a unit of work whose operations cannot outlive it: an operation that the unit did not wait for would go on in
 * the transaction of another unit, and could leave a change there without its audit event.
 * Every operation is waited for before the unit ends. Throws TypeError, so that the unit is rolled back, when the unit
 * left one unawaited; an operation that begins after the end is refused with TypeError.
 */
export async function fenced<Tx extends object, T>(tx: Tx, unit: (tx: Tx) => Promise<T>): Promise<T> {
  const running = new Set<Promise<unknown>>()
  let ended = false
  const guard = new Proxy(tx, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        if (ended) throw new TypeError('the unit of work has ended')
        const operation: unknown = Reflect.apply(member, target, args)
        if (!(operation instanceof Promise)) return operation
        running.add(operation)
        const done = () => running.delete(operation)
        operation.then(done, done)
        return operation
      }
    },
  })
  try {
    const value = await unit(guard)
    if (running.size > 0) throw new TypeError('a unit of work must wait for its operations')
    return value
  } finally {
    await Promise.allSettled(running)
    ended = true
  }
}
