import { Command } from 'commander'
import { listIncidents as readIncidents } from '../../../../core/incidents/read-incidents.ts'
import { answering } from '../../answering.ts'
import { describeIncident } from '../../incident-options.ts'
import { withPlatform } from '../../with-platform.ts'

/** Further back than anybody looks. */
const newest = 1_000

/** `oort incident list [--all]`: what is owed, and what is late. */
export function listIncidents(): Command {
  const command = new Command('list')
    .summary('list the incidents that are open or owe something')
    .description(
      'Lists incidents that are open or whose post-mortem is due, and what is late. Exits with 1 when anything is.',
    )
    .option('--all', 'those that are over and done with too')
  return answering<[], { readonly all?: true }>(command, (_args, { all }) =>
    withPlatform(async (platform) => {
      const found = await readIncidents(platform, { before: undefined, limit: newest })
      const incidents =
        all === true
          ? found
          : found.filter(({ state, postMortemDueAt }) => state !== 'resolved' || postMortemDueAt !== null)
      const text = incidents.length === 0 ? 'There is none.' : incidents.map(describeIncident).join('\n')
      return { data: { incidents }, text, ok: incidents.every(({ overdue }) => overdue.length === 0) }
    }),
  )
}
