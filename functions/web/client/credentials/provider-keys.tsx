import { useState } from 'preact/hooks'
import { api } from '../api/api.ts'
import { useLoad } from '../api/use-load.ts'
import { Button } from '../components/button.tsx'
import { EmptyState, Notice } from '../components/notice.tsx'
import { Awaited, Section } from '../components/section.tsx'
import { AddKey } from './add-key.tsx'
import { KeyCard } from './key-card.tsx'
import { nameOf, type ProviderKey, providerNames } from './provider-key.ts'

/** The provider keys of the account. */
export function ProviderKeys() {
  const loaded = useLoad('provider keys', async (signal) => {
    const { keys } = await api.get<{ readonly keys: readonly ProviderKey[] }>('/api/keys', { signal })
    return keys
  })
  const [adding, setAdding] = useState(false)
  const [said, setSaid] = useState<string>()
  const keys = loaded.data ?? []

  const add = (key: ProviderKey) => {
    setAdding(false)
    loaded.change((newest) => [key, ...newest])
    const checked = key.verifiedAt === null ? 'It was not checked yet' : `${providerNames[key.provider]} accepts it`
    setSaid(`“${nameOf(key)}” is added. ${checked}, and it is sealed.`)
  }
  const addButton = (
    <Button kind="primary" onClick={() => setAdding(true)}>
      Add a provider key
    </Button>
  )

  return (
    <Section
      title="Provider keys"
      lead="They pay for your runs. Each is sealed under a key of its own, opened for what you ask alone, and each opening stands in its ledger."
      actions={keys.length > 0 && addButton}
    >
      <div class="stack">
        {said !== undefined && <Notice kind="success">{said}</Notice>}
        <Awaited loaded={loaded}>
          {(held) =>
            held.length === 0 ? (
              <EmptyState title="No provider key yet" action={addButton}>
                Bring a key of OpenAI, Anthropic or Cerebras: it is checked, sealed, and then your prompts run with it.
              </EmptyState>
            ) : (
              <ul class="records">
                {held.map((key) => (
                  <KeyCard
                    key={key.id}
                    of={key}
                    onAct={() => setSaid(undefined)}
                    onChange={(next) =>
                      loaded.change((newest) => newest.map((each) => (each.id === next.id ? next : each)))
                    }
                    onGone={(text) => {
                      setSaid(text)
                      loaded.change((newest) => newest.filter((each) => each.id !== key.id))
                    }}
                  />
                ))}
              </ul>
            )
          }
        </Awaited>
      </div>
      <AddKey open={adding} onAdded={add} onClose={() => setAdding(false)} />
    </Section>
  )
}
