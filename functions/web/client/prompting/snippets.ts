import type { Provider } from '../../../../core/providers/provider.ts'
import type { Question } from './question.ts'

export interface Snippet {
  readonly id: string
  readonly title: string
  readonly code: string
}

/** Anthropic demands a limit; this is the one that the playground's own runs have. */
const usualMaxTokens = 8_192

/**
 * A question as a program would ask it: over `/v1` with the provider's own client, its base URL changed. `OORT_API_KEY`
 * stands for a key that the reader has issued.
 */
export function snippetsFor(model: string, provider: Provider, question: Question, origin: string): readonly Snippet[] {
  return provider === 'anthropic' ? forMessages(model, question, origin) : forChat(model, question, origin)
}

function forChat(model: string, { system, messages, parameters }: Question, origin: string): readonly Snippet[] {
  const { maxTokens, temperature, topP } = parameters
  const body = {
    model,
    messages: [...(system === undefined ? [] : [{ role: 'system', content: system }]), ...messages],
    ...(maxTokens === undefined ? {} : { max_completion_tokens: maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    stream: true,
  }
  const python = `import os
from openai import OpenAI

client = OpenAI(base_url=${json(`${origin}/v1`)}, api_key=os.environ["OORT_API_KEY"])

stream = client.chat.completions.create(
${inPython(body)})
for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)
`
  const typescript = `import OpenAI from 'openai'

const client = new OpenAI({ baseURL: ${json(`${origin}/v1`)}, apiKey: process.env.OORT_API_KEY })

const stream = await client.chat.completions.create(${json(body, 2)})
for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? '')
}
`
  const curl = curlOf(`${origin}/v1/chat/completions`, ['authorization: Bearer $OORT_API_KEY'], body)
  return inOrder(curl, python, typescript)
}

function forMessages(model: string, { system, messages, parameters }: Question, origin: string): readonly Snippet[] {
  const { maxTokens = usualMaxTokens, temperature, topP } = parameters
  const body = {
    model,
    max_tokens: maxTokens,
    ...(system === undefined ? {} : { system }),
    messages,
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
  }
  const python = `import os
import anthropic

client = anthropic.Anthropic(base_url=${json(origin)}, api_key=os.environ["OORT_API_KEY"])

with client.messages.stream(
${inPython(body)}) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)
`
  const typescript = `import Anthropic from '@anthropic-ai/sdk'

const client = new Anthropic({ baseURL: ${json(origin)}, apiKey: process.env.OORT_API_KEY })

const stream = client.messages.stream(${json(body, 2)})
stream.on('text', (text) => process.stdout.write(text))
await stream.finalMessage()
`
  const headers = ['x-api-key: $OORT_API_KEY', 'anthropic-version: 2023-06-01']
  return inOrder(curlOf(`${origin}/v1/messages`, headers, { ...body, stream: true }), python, typescript)
}

function inOrder(curl: string, python: string, typescript: string): readonly Snippet[] {
  return [
    { id: 'curl', title: 'curl', code: curl },
    { id: 'python', title: 'Python', code: python },
    { id: 'typescript', title: 'TypeScript', code: typescript },
  ]
}

/** For a POSIX shell: within single quotes nothing is special but the quote itself. */
function curlOf(url: string, headers: readonly string[], body: object): string {
  const lines = [`curl -N ${url}`, ...[...headers, 'content-type: application/json'].map((header) => `-H "${header}"`)]
  const data = json(body, 2).replaceAll("'", `'\\''`).replaceAll('\n', '\n  ')
  return `${[...lines, `-d '${data}'`].join(' \\\n  ')}\n`
}

/** Keyword arguments. What JSON calls a string, a number and a list, Python reads alike; `true` it spells otherwise. */
function inPython(body: object): string {
  return Object.entries(body)
    .map(([name, value]) => `    ${name}=${value === true ? 'True' : json(value, 4).replaceAll('\n', '\n    ')},\n`)
    .join('')
}

function json(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent)
}
