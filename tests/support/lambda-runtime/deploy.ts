import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { CapabilityName } from '../../../infra/capabilities.ts'
import {
  type Architecture,
  type ArtefactFile,
  bytesOf,
  functionArtefact,
  runtimeLayer,
} from '../../../infra/lambda/artefact.ts'
import { type FunctionUrl, openFunctionUrl } from './function-url.ts'
import { type RuntimeApi, startRuntimeApi } from './runtime-api.ts'

export interface Deployed extends AsyncDisposable {
  /** Where the function URL answers. */
  readonly url: FunctionUrl
  readonly api: RuntimeApi
  /** What the function wrote to its log. */
  log(): string
}

/**
 * A function as Lambda runs it: its artefact unpacked where nothing else of the repository is, the layer's bootstrap
 * started as a process with the environment of Lambda, a Runtime API, and a function URL in front.
 */
export async function deploy(
  name: CapabilityName,
  { dist, env, sourceIp = '203.0.113.9' }: { dist: string; env: Readonly<Record<string, string>>; sourceIp?: string },
): Promise<Deployed> {
  const folder = await mkdtemp(join(tmpdir(), 'oort-lambda-'))
  const [task, opt] = [join(folder, 'task'), join(folder, 'opt')]
  await unpack(await functionArtefact(name, process.arch as Architecture, dist), task)
  await unpack(await runtimeLayer(dist), opt)
  const api = await startRuntimeApi()
  const url = await openFunctionUrl(api, sourceIp)
  const child = spawn(join(opt, 'bootstrap'), [], {
    cwd: task,
    env: {
      PATH: '/usr/bin:/bin',
      LD_LIBRARY_PATH: join(opt, 'lib'),
      TZ: ':UTC',
      AWS_LAMBDA_RUNTIME_API: api.address,
      LAMBDA_TASK_ROOT: task,
      _HANDLER: 'lambda.handler',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log += chunk.toString()
    })
  }
  const ended = once(child, 'close')
  return {
    url,
    api,
    log: () => log,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
      url.close()
      api.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function unpack(files: readonly ArtefactFile[], to: string): Promise<void> {
  for (const file of files) {
    const path = join(to, file.path)
    await mkdir(dirname(path), { recursive: true })
    // 150 MB for each function would be most of the time.
    if (file.path === 'bin/node' && typeof file.source === 'string') {
      await symlink(file.source, path)
      continue
    }
    await writeFile(path, await bytesOf(file))
    if (file.executable) await chmod(path, 0o755)
  }
}
