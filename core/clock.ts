/** The present, in integer milliseconds since the Unix epoch, UTC. Passed in, so that tests can move it. */
export type Clock = () => number

export const systemClock: Clock = () => Date.now()

export const second = 1_000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour
