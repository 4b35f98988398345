import { parseArgs } from 'node:util'
import { startEmulator } from './emulator.ts'
import { demoKeys } from './keys.ts'

// The emulator as a program: prints its origins and the keys it accepts as one line of JSON, then runs until
// SIGTERM or SIGINT.
//   node tests/support/emulator/main.ts [--port-base 4010] [--host 127.0.0.1] [--pace 30]

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    'port-base': { type: 'string', default: '4010' },
    pace: { type: 'string', default: '30' },
  },
})

const emulator = await startEmulator({
  host: values.host,
  portBase: Number(values['port-base']),
  pace: Number(values.pace),
})
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void emulator.close())
}
process.stdout.write(`${JSON.stringify({ origins: emulator.origins, keys: demoKeys })}\n`)
