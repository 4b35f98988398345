import { useState } from 'preact/hooks'
import { api, withQuery } from '../api/api.ts'
import { explain } from '../api/problem.ts'
import { useLoad } from '../api/use-load.ts'
import { Time } from '../components/amounts.tsx'
import { Button } from '../components/button.tsx'
import { Dialog } from '../components/dialog.tsx'
import { Notice } from '../components/notice.tsx'
import { Awaited } from '../components/section.tsx'
import { nameOf, type ProviderKey } from './provider-key.ts'

interface Use {
  readonly seq: number
  readonly at: number
  readonly action: string
  readonly by: 'user' | 'api_key' | 'admin' | 'system'
  readonly purpose: string | null
  readonly runId: string | null
}

interface Uses {
  readonly uses: readonly Use[]
  readonly nextCursor: string | null
}

/** Everything that happened with a key, newest first: each time it was opened, and what for. */
export function KeyLedger({
  open,
  of: key,
  onClose,
}: {
  readonly open: boolean
  readonly of: ProviderKey
  onClose(): void
}) {
  return (
    <Dialog open={open} title={`Uses of “${nameOf(key)}”`} onClose={onClose}>
      <p class="lead">Each time that the key was opened stands here, and nothing can be taken out.</p>
      <Ledger keyId={key.id} />
    </Dialog>
  )
}

function Ledger({ keyId }: { readonly keyId: string }) {
  const loaded = useLoad(keyId, (signal) => pageOf(keyId, undefined, signal))
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<unknown>()

  const more = async ({ nextCursor }: Uses) => {
    setPending(true)
    setError(undefined)
    try {
      const next = await pageOf(keyId, nextCursor ?? undefined)
      loaded.change(({ uses }) => ({ uses: [...uses, ...next.uses], nextCursor: next.nextCursor }))
    } catch (thrown) {
      setError(thrown)
    } finally {
      setPending(false)
    }
  }

  return (
    <Awaited loaded={loaded}>
      {(page) => (
        <div class="stack">
          <ol class="events" aria-label="Uses">
            {page.uses.map((use) => (
              <li key={use.seq}>
                <span>{wordsFor(use)}</span>
                <Time at={use.at} />
              </li>
            ))}
          </ol>
          {error !== undefined && <Notice kind="error">{explain(error)}</Notice>}
          {page.nextCursor !== null && (
            <Button pending={pending} onClick={() => void more(page)}>
              Show earlier uses
            </Button>
          )}
        </div>
      )}
    </Awaited>
  )
}

function pageOf(keyId: string, cursor: string | undefined, signal?: AbortSignal): Promise<Uses> {
  const path = withQuery(`/api/keys/${keyId}/uses`, { cursor, limit: 20 })
  return api.get<Uses>(path, signal === undefined ? {} : { signal })
}

const words: Readonly<Record<string, string>> = {
  'key.added': 'Added',
  'key.verified': 'Accepted by the provider',
  'key.refused': 'Refused by the provider',
  'key.replaced': 'Replaced by a new key',
  'key.relabelled': 'Renamed',
  'key.deleted': 'Deleted',
}

function wordsFor({ action, by, purpose, runId }: Use) {
  if (action !== 'key.used') return words[action] ?? action
  const whose = by === 'api_key' ? ' by one of your programs' : ''
  if (runId !== null) {
    return (
      <>
        Opened for <a href={`/history/${runId}`}>a run</a>
        {whose}
      </>
    )
  }
  return `${purpose === 'verification' ? 'Opened to check it' : 'Opened to list its models'}${whose}`
}
