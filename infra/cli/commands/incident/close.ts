import { Command } from 'commander'
import type { Id } from '../../../../core/ids.ts'
import { answering } from '../../answering.ts'
import { incidentId, textOption } from '../../incident-options.ts'
import { publishUpdate } from '../../publish-update.ts'

interface Options {
  readonly text: string
  readonly postMortem?: string
}

/** `oort incident close <incident>`: the end of an incident, and later where its post-mortem is. */
export function closeIncident(): Command {
  const command = new Command('close')
    .summary('tell that an incident is over')
    .description('Publishes the notice that an incident is resolved. Used once more, it adds the post-mortem.')
    .argument('<incident>', 'its id', incidentId)
    .addOption(textOption())
    .option('--post-mortem <url>', 'where the analysis can be read; https')
  return answering<[Id<'incident'>], Options>(command, ([id], { text, postMortem: postMortemUrl }) =>
    publishUpdate(command, id, { state: 'resolved', text, ...(postMortemUrl === undefined ? {} : { postMortemUrl }) }),
  )
}
