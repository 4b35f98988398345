#!/usr/bin/env node
import { explainError } from './explain-error.ts'
import { createProgram } from './program.ts'

// `npm run --silent oort -- <command>` from the sources, `oort <command>` from the bundle.

// Whoever reads a part of what is printed has had enough: `oort audit export house | head`.
process.stdout.on('error', () => process.exit(0))

try {
  await createProgram().parseAsync(process.argv)
} catch (error) {
  const { message, exitCode } = explainError(error)
  if (message !== '') process.stderr.write(`${message}\n`)
  process.exitCode = exitCode
}
