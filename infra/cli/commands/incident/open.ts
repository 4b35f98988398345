import { Command, InvalidArgumentError, Option } from 'commander'
import { newIncident } from '../../../../core/incidents/notices.ts'
import { openIncident as open } from '../../../../core/incidents/open-incident.ts'
import { findIncident } from '../../../../core/incidents/read-incidents.ts'
import { components } from '../../../../core/incidents/terms.ts'
import { answering } from '../../answering.ts'
import { held, outcomeOf, severityOption, textOption } from '../../incident-options.ts'
import { withPlatform } from '../../with-platform.ts'

interface Options {
  readonly severity: string
  readonly title: string
  readonly component: readonly string[]
  readonly text: string
  readonly since?: number
}

/** `oort incident open`: tells everybody of an incident, with its first notice. */
export function openIncident(): Command {
  const command = new Command('open')
    .summary('tell everybody of an incident')
    .description(
      'Opens an incident. It stands on the status page and in its feed at once, with the notice as its first.',
    )
    .addOption(severityOption().makeOptionMandatory())
    .requiredOption('--title <title>', 'in one line, as a user would say it')
    .addOption(new Option('--component <name...>', 'what it touches').choices(components).makeOptionMandatory())
    .addOption(textOption())
    .option('--since <time>', 'when it began, such as 2026-11-24T03:00Z; now unless told', time)
  return answering<[], Options>(command, (_args, { component, since, ...typed }) => {
    const startedAt = since === undefined ? {} : { startedAt: since }
    const given = held(command, newIncident, { ...typed, components: component, ...startedAt })
    return withPlatform(async (platform) => {
      const id = await open(platform, 'console', given)
      return outcomeOf(await findIncident(platform, id))
    })
  })
}

function time(text: string): number {
  const parsed = Date.parse(text)
  // A time without its zone would be that of whichever machine this runs on.
  if (Number.isNaN(parsed) || !/(Z|[+-]\d\d:\d\d)$/.test(text)) {
    throw new InvalidArgumentError('Give date, time and zone, such as 2026-11-24T03:00Z.')
  }
  return parsed
}
