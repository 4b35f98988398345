import { Command } from 'commander'
import { answering } from '../answering.ts'
import { type Check, checkHouse } from '../check-house.ts'

/** `oort doctor`: says what is well and what is not. */
export function doctor(): Command {
  const command = new Command('doctor')
    .summary('look everything over')
    .description(
      'Looks over configuration, database, keys, audit log, disk and clock, and changes nothing. Exits with 1 for what is bad.',
    )
  return answering(command, async () => {
    const checks = await Array.fromAsync(checkHouse())
    const healthy = checks.every(({ state }) => state !== 'bad')
    return { data: { healthy, checks }, text: checks.map(lineOf).join('\n'), ok: healthy }
  })
}

function lineOf({ name, state, detail }: Check): string {
  return `${state.padEnd(10)} ${name.padEnd(14)} ${detail}`
}
