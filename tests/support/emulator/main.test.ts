import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test.each(['SIGTERM', 'SIGINT'] as const)(
  'the program prints its origins and keys, answers, and ends on %s',
  async (signal) => {
    const main = fileURLToPath(new URL('main.ts', import.meta.url))
    const child = spawn(process.execPath, [main, '--port-base', '0', '--pace', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(createInterface(child.stdout), 'line')
    const { origins, keys } = JSON.parse(line)
    const answer = await fetch(`${origins.cerebras}/v1/models`, {
      headers: { authorization: `Bearer ${keys.cerebras}` },
    })
    expect(answer.status).toBe(200)

    child.kill(signal)
    const [code] = await once(child, 'exit')
    expect(code).toBe(0)
  },
)
