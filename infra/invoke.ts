import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { LambdaHandler } from '../core/http/lambda.ts'
import { capabilityNames } from './capabilities.ts'
import { explainFailure } from './host/explain-failure.ts'

// `npm run invoke -- keys event.json`: one handler, once, on an event of API Gateway (payload 2.0) or of a function
// URL, through the very module that AWS Lambda would load. `-` reads the event from standard input.

const [name, file] = process.argv.slice(2)
const known = capabilityNames.find((candidate) => candidate === name)
if (known === undefined || file === undefined) {
  process.stderr.write(
    `Usage: npm run invoke -- <capability> <event.json | ->\nCapabilities: ${capabilityNames.join(', ')}\n`,
  )
  process.exit(64)
}

// Standard output is the answer's alone.
process.env['OORT_LOG_LEVEL'] ??= 'silent'
const event = await readEvent(file)
const { handler } = (await import(`../functions/${known}/lambda.ts`)) as { handler: LambdaHandler }
try {
  const answer = await handler(event, { callbackWaitsForEmptyEventLoop: false })
  process.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`)
  // A container would be frozen here: timers of the platform keep nothing that has to be finished.
  process.exit(0)
} catch (error) {
  const { message, exitCode } = explainFailure(error)
  process.stderr.write(`${message}\n`)
  process.exit(exitCode)
}

async function readEvent(path: string): Promise<unknown> {
  try {
    return JSON.parse(path === '-' ? await text(process.stdin) : await readFile(path, 'utf8'))
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'it is not JSON' : String((error as NodeJS.ErrnoException).code)
    process.stderr.write(`Cannot read the event: ${reason}\n`)
    process.exit(65)
  }
}
