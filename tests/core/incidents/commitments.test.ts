import { describe, expect, test } from 'vitest'
import { hour } from '../../../core/clock.ts'
import { commitments, owedBy, type Standing } from '../../../core/incidents/commitments.ts'
import { severities } from '../../../core/incidents/terms.ts'

const open: Standing = {
  severity: 'SEV1',
  state: 'investigating',
  resolvedAt: null,
  postMortemUrl: null,
  lastNoticeAt: 1_000,
}

test('the worse it is, the sooner is every commitment', () => {
  const told = severities.map((severity) => commitments[severity])
  for (const [at, better] of told.slice(1).entries()) {
    const worse = told[at]
    expect(worse?.firstNoticeWithin).toBeLessThan(better.firstNoticeWithin)
    expect(worse?.updateEvery).toBeLessThan(better.updateEvery)
    expect(worse?.postMortemWithin ?? Infinity).toBeLessThanOrEqual(better.postMortemWithin ?? Infinity)
  }
  // Whoever must be told at all is told first before the next notice would be due.
  for (const { firstNoticeWithin, updateEvery } of told) expect(firstNoticeWithin).toBeLessThanOrEqual(updateEvery)
})

describe.each(severities)('%s', (severity) => {
  const { updateEvery, postMortemWithin } = commitments[severity]

  test('an open incident owes its next notice one interval after the last, and is late beyond it', () => {
    const dueAt = open.lastNoticeAt + updateEvery
    expect(owedBy({ ...open, severity }, dueAt)).toEqual({ nextUpdateDueAt: dueAt, postMortemDueAt: null, overdue: [] })
    expect(owedBy({ ...open, severity }, dueAt + 1).overdue).toEqual(['update'])
  })

  test('a resolved one owes its analysis, where one is owed, until it is published', () => {
    const resolved = { ...open, severity, state: 'resolved', resolvedAt: 5 * hour } as const
    const dueAt = postMortemWithin === null ? null : 5 * hour + postMortemWithin
    expect(owedBy(resolved, dueAt ?? 1e15)).toEqual({ nextUpdateDueAt: null, postMortemDueAt: dueAt, overdue: [] })
    expect(owedBy(resolved, 1e15).overdue).toEqual(dueAt === null ? [] : ['post_mortem'])
    const published = { ...resolved, postMortemUrl: 'https://oort.example/analysis' }
    expect(owedBy(published, 1e15)).toEqual({ nextUpdateDueAt: null, postMortemDueAt: null, overdue: [] })
  })
})
