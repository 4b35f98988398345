import { type CapabilityName, capabilityNames } from './capabilities.ts'
import { runHost } from './host/run-host.ts'

/** `npm run serve -- keys`: one capability alone, on the same address as the router would have. */
const name = process.argv[2]
const known = capabilityNames.find((candidate): candidate is CapabilityName => candidate === name)
if (known === undefined) {
  process.stderr.write(`Usage: npm run serve -- <capability>\nCapabilities: ${capabilityNames.join(', ')}\n`)
  process.exit(64)
}
await runHost({ names: [known] })
