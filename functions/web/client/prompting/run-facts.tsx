import type { ComponentChildren } from 'preact'
import { api } from '../api/api.ts'
import { useLoad } from '../api/use-load.ts'
import { Count, Money } from '../components/amounts.tsx'
import { figuresOf, inSeconds } from './figures.ts'
import { providerNames, type Run } from './run-record.ts'

interface Key {
  readonly id: string
  readonly label: string
  readonly lastFour: string
}

interface ApiKey {
  readonly id: string
  readonly name: string
}

/** The figures of a run, who paid for it and who asked. */
export function RunFacts({ run }: { readonly run: Run }) {
  const { wait, speed, inputTokens, outputTokens, cost, estimated } = figuresOf(run)
  const about = estimated ? '≈ ' : ''
  const { createdAt, finishedAt, finishReason } = run
  return (
    <dl class="facts">
      <Fact title="Provider">{providerNames[run.provider]}</Fact>
      <Fact title="Key that paid">
        <PaidBy keyId={run.providerKeyId} />
      </Fact>
      <Fact title="Asked from">
        <AskedFrom run={run} />
      </Fact>
      <Fact title="Cost">
        {cost === undefined && (outputTokens === undefined ? '–' : 'Not known')}
        {cost !== undefined && about}
        {cost !== undefined && <Money micros={cost} />}
      </Fact>
      <Fact title="Tokens in">{amount(inputTokens, about)}</Fact>
      <Fact title="Tokens out">{amount(outputTokens, about)}</Fact>
      <Fact title="First token after">{wait === undefined ? '–' : inSeconds(wait)}</Fact>
      <Fact title="Ended after">{finishedAt === null ? '–' : inSeconds(finishedAt - createdAt)}</Fact>
      <Fact title="Tokens/s">{speed === undefined ? '–' : about + speed.toFixed(1)}</Fact>
      {finishReason !== null && <Fact title="Why it ended">{reasons[finishReason] ?? finishReason}</Fact>}
    </dl>
  )
}

/** What the providers' words mean. */
const reasons: Readonly<Record<string, string>> = {
  stop: 'The model was done',
  end_turn: 'The model was done',
  length: 'The limit of tokens was reached',
  max_tokens: 'The limit of tokens was reached',
  content_filter: 'The provider’s filter held it back',
  refusal: 'The model declined',
  tool_calls: 'The model called a tool',
  tool_use: 'The model called a tool',
}

function Fact({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd class="number">{children}</dd>
    </div>
  )
}

function amount(tokens: number | undefined, about: string): ComponentChildren {
  if (tokens === undefined) return '–'
  return (
    <>
      {about}
      <Count of={tokens} />
    </>
  )
}

function PaidBy({ keyId }: { readonly keyId: string }) {
  const { data, error } = useLoad('keys', (signal) =>
    api.get<{ readonly keys: readonly Key[] }>('/api/keys', { signal }),
  )
  const key = data?.keys.find(({ id }) => id === keyId)
  if (key !== undefined) return <a href="/keys">{`${key.label}, …${key.lastFour}`}</a>
  if (error !== undefined) return 'Not known'
  return data === undefined ? '…' : 'One that is deleted'
}

function AskedFrom({ run: { apiKeyId, endpoint } }: { readonly run: Run }) {
  if (apiKeyId === null) return 'This site'
  return <Program keyId={apiKeyId} door={endpoint === 'runs' ? '/api/runs' : `/v1/${endpoint.replace('.', '/')}`} />
}

function Program({ keyId, door }: { readonly keyId: string; readonly door: string }) {
  const { data } = useLoad('api-keys', (signal) =>
    api.get<{ readonly apiKeys: readonly ApiKey[] }>('/api/api-keys', { signal }),
  )
  const name = data?.apiKeys.find(({ id }) => id === keyId)?.name
  return (
    <>
      {name === undefined ? 'A program' : `The API key ${name}`}, by <code>{door}</code>
    </>
  )
}
