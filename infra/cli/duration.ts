import { InvalidArgumentError } from 'commander'
import { day, hour, minute, second } from '../../core/clock.ts'

const units = { s: second, m: minute, h: hour, d: day } as const

/** Reads a duration such as `90s`, `30m`, `6h` or `1d`. Milliseconds. */
export function duration(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? []
  if (count === undefined || unit === undefined) throw new InvalidArgumentError('Use a duration such as 30m, 6h or 1d.')
  return Number(count) * units[unit as keyof typeof units]
}

/** A duration for people: its two largest units. */
export function describeDuration(ms: number): string {
  if (ms < second) return `${Math.round(ms)} ms`
  const parts = Object.entries(units)
    .toReversed()
    .reduce<{ rest: number; texts: string[] }>(
      ({ rest, texts }, [unit, size]) => {
        const count = Math.floor(rest / size)
        return { rest: rest - count * size, texts: count === 0 ? texts : [...texts, `${count} ${unit}`] }
      },
      { rest: ms, texts: [] },
    )
  return parts.texts.slice(0, 2).join(' ')
}
