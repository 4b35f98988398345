import { Command, Option } from 'commander'
import type { Id } from '../../../../core/ids.ts'
import { incidentStates } from '../../../../core/incidents/terms.ts'
import { answering } from '../../answering.ts'
import { incidentId, severityOption, textOption } from '../../incident-options.ts'
import { publishUpdate } from '../../publish-update.ts'

interface Options {
  readonly state: string
  readonly text: string
  readonly severity?: string
}

/** `oort incident update <incident>`: a further notice. */
export function updateIncident(): Command {
  const command = new Command('update')
    .summary('publish a further notice')
    .description('Publishes a further notice about an incident, which can change its state and its severity.')
    .argument('<incident>', 'its id', incidentId)
    .addOption(
      new Option('--state <state>', 'how far the work has come')
        .choices(incidentStates.filter((state) => state !== 'resolved'))
        .makeOptionMandatory(),
    )
    .addOption(textOption())
    .addOption(severityOption())
  return answering<[Id<'incident'>], Options>(command, ([id], typed) => publishUpdate(command, id, typed))
}
