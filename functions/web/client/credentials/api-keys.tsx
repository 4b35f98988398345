import { useState } from 'preact/hooks'
import { api, send } from '../api/api.ts'
import { useLoad } from '../api/use-load.ts'
import { Time } from '../components/amounts.tsx'
import { Button } from '../components/button.tsx'
import { ConfirmDelete } from '../components/dialog.tsx'
import { EmptyState, Tag } from '../components/notice.tsx'
import { Awaited, Section } from '../components/section.tsx'
import { toast } from '../components/toasts.tsx'
import { type ApiKey, type IssuedApiKey, scopeWords } from './api-key.ts'
import { IssueApiKey } from './issue-api-key.tsx'
import { IssuedKey } from './issued-key.tsx'

/** The API keys that programs of the account use. */
export function ApiKeys() {
  const loaded = useLoad('api keys', async (signal) => {
    const { apiKeys } = await api.get<{ readonly apiKeys: readonly ApiKey[] }>('/api/api-keys', { signal })
    return apiKeys
  })
  const [issuing, setIssuing] = useState(false)
  const [issued, setIssued] = useState<IssuedApiKey>()
  const [revoking, setRevoking] = useState<ApiKey>()
  const keys = loaded.data ?? []

  const note = (key: IssuedApiKey) => {
    const { token, ...kept } = key
    setIssuing(false)
    setIssued(key)
    loaded.change((newest) => [kept, ...newest])
  }
  const revoke = async () => {
    if (revoking === undefined) return
    await send('DELETE', `/api/api-keys/${revoking.id}`)
    loaded.change((newest) => newest.filter(({ id }) => id !== revoking.id))
    toast(`“${revoking.name}” is revoked.`)
  }
  const issueButton = (
    <Button kind={keys.length > 0 ? 'primary' : 'secondary'} onClick={() => setIssuing(true)}>
      Issue an API key
    </Button>
  )

  return (
    <Section
      title="API keys"
      lead="With one of these, a program runs prompts through this Oort: it never sees your provider keys."
      actions={keys.length > 0 && issueButton}
    >
      <Awaited loaded={loaded}>
        {(held) =>
          held.length === 0 ? (
            <EmptyState title="No program has a key" action={issueButton}>
              OpenAI’s and Anthropic’s own clients work with this Oort: they need its address and an API key.
            </EmptyState>
          ) : (
            <ul class="records">
              {held.map((key) => (
                <ApiKeyCard key={key.id} of={key} onRevoke={() => setRevoking(key)} />
              ))}
            </ul>
          )
        }
      </Awaited>
      <IssueApiKey open={issuing} onIssued={note} onClose={() => setIssuing(false)} />
      <IssuedKey issued={issued} onClose={() => setIssued(undefined)} />
      <ConfirmDelete
        open={revoking !== undefined}
        title={`Revoke “${revoking?.name ?? ''}”?`}
        confirm="Revoke the key"
        onConfirm={revoke}
        onClose={() => setRevoking(undefined)}
      >
        <p>The next request with it is refused. The program that uses it needs another one.</p>
      </ConfirmDelete>
    </Section>
  )
}

function ApiKeyCard({
  of: { name, lastFour, scopes, expiresAt, lastUsedAt, createdAt },
  onRevoke,
}: {
  readonly of: ApiKey
  onRevoke(): void
}) {
  const expired = expiresAt !== null && expiresAt <= Date.now()
  return (
    <li class="record">
      <div class="record-head">
        <h3>{name}</h3>
        {expired && <Tag kind="warning">Expired</Tag>}
      </div>
      <dl class="record-facts">
        <div>
          <dt>Ends in</dt>
          <dd>
            <code>…{lastFour}</code>
          </dd>
        </div>
        <div>
          <dt>May</dt>
          <dd>{scopes.map((scope) => scopeWords[scope]).join(', ')}</dd>
        </div>
        <div>
          <dt>Last used</dt>
          <dd>{lastUsedAt === null ? 'Not yet' : <Time at={lastUsedAt} />}</dd>
        </div>
        <div>
          <dt>{expired ? 'Expired' : 'Expires'}</dt>
          <dd>{expiresAt === null ? 'When it is revoked' : <Time at={expiresAt} />}</dd>
        </div>
        <div>
          <dt>Issued</dt>
          <dd>
            <Time at={createdAt} />
          </dd>
        </div>
      </dl>
      <div class="actions">
        <Button onClick={onRevoke}>Revoke</Button>
      </div>
    </li>
  )
}
