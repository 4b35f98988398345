import { span } from '../../status/words.ts'
import { api } from '../api/api.ts'
import { useLoad } from '../api/use-load.ts'
import type { Commitment, Severity } from './incident.ts'

/** What each severity commits us to; none until it is known. */
export function useCommitments(): readonly Commitment[] {
  const { data } = useLoad('commitments', (signal) =>
    api.get<{ readonly commitments: readonly Commitment[] }>('/api/status', { signal }),
  )
  return data?.commitments ?? []
}

/** What a severity means and promises, in a sentence. */
export function inWords(commitments: readonly Commitment[], severity: Severity): string {
  const tier = commitments.find((each) => each.severity === severity)
  if (tier === undefined) return ''
  const {
    meaning,
    firstNoticeWithinMinutes: first,
    updateEveryMinutes: every,
    postMortemWithinMinutes: analysed,
  } = tier
  const owed = analysed === null ? 'no post-mortem' : `a post-mortem within ${span(analysed)} of its end`
  return `${meaning} First notice within ${span(first)}, then one every ${span(every)}; ${owed}.`
}

/** The severities as choices. */
export const severities = [
  ['SEV1', 'SEV1'],
  ['SEV2', 'SEV2'],
  ['SEV3', 'SEV3'],
  ['SEV4', 'SEV4'],
] as const
