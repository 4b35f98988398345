#!/usr/bin/env node
import { explainError } from './explain-error.ts'
import { createProgram } from './program.ts'

// `npm run --silent oort -- <command>` from the sources, `oort <command>` from the bundle.

try {
  await createProgram().parseAsync(process.argv)
} catch (error) {
  const { message, exitCode } = explainError(error)
  if (message !== '') process.stderr.write(`${message}\n`)
  process.exitCode = exitCode
}
