import { useState } from 'preact/hooks'
import { api, withQuery } from '../api/api.ts'
import { explain } from '../api/problem.ts'
import { useLoad } from '../api/use-load.ts'
import { Time } from '../components/amounts.tsx'
import { Button } from '../components/button.tsx'
import { Notice } from '../components/notice.tsx'
import { Awaited, Section } from '../components/section.tsx'
import { wordsFor } from './audit-words.ts'

interface Entry {
  readonly seq: number
  readonly ts: number
  readonly actorKind: keyof typeof actors
  readonly action: string
  readonly detail: Readonly<Record<string, unknown>>
}

interface Entries {
  readonly entries: readonly Entry[]
  readonly next: number | null
}

const actors = { user: 'You', api_key: 'A program of yours', admin: 'An administrator', system: 'Oort' } as const

/** What follows each other so closely happened in one go. Milliseconds. */
const oneGo = 60_000

/** What happened to the account, newest first, and who did it. */
export function AuditLog() {
  const loaded = useLoad('audit', (signal) => pageBefore(undefined, signal))
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<unknown>()

  const more = async ({ next }: Entries) => {
    setPending(true)
    setError(undefined)
    try {
      const page = await pageBefore(next ?? undefined)
      loaded.change(({ entries }) => ({ entries: [...entries, ...page.entries], next: page.next }))
    } catch (thrown) {
      setError(thrown)
    } finally {
      setPending(false)
    }
  }

  return (
    <Section
      title="What happened"
      lead="Each entry is chained to the one before it by its hash: none can be changed or taken out without a trace."
    >
      <Awaited loaded={loaded} lines={6}>
        {(page) => (
          <div class="stack">
            <ol class="events" aria-label="Audit log">
              {happenings(page.entries).map(({ seq, ts, actorKind, words, times }) => (
                <li key={seq}>
                  <span>
                    {words}
                    {times > 1 && `, ${times} times`}
                    <span class="row-note"> · {actors[actorKind]}</span>
                  </span>
                  <Time at={ts} />
                </li>
              ))}
            </ol>
            {error !== undefined && <Notice kind="error">{explain(error)}</Notice>}
            {page.next !== null && (
              <div class="actions">
                <Button pending={pending} onClick={() => void more(page)}>
                  Show earlier entries
                </Button>
              </div>
            )}
          </div>
        )}
      </Awaited>
    </Section>
  )
}

type Happening = Pick<Entry, 'seq' | 'ts' | 'actorKind'> & { readonly words: string; readonly times: number }

/** The entries in words; what the same one did again and again in one go is said once. */
function happenings(entries: readonly Entry[]): readonly Happening[] {
  const told: Happening[] = []
  for (const { seq, ts, actorKind, action, detail } of entries) {
    const words = wordsFor(action, detail)
    const later = told.at(-1)
    if (later?.words === words && later.actorKind === actorKind && later.ts - ts < oneGo) {
      told[told.length - 1] = { ...later, times: later.times + 1 }
    } else {
      told.push({ seq, ts, actorKind, words, times: 1 })
    }
  }
  return told
}

function pageBefore(before: number | undefined, signal?: AbortSignal): Promise<Entries> {
  return api.get<Entries>(withQuery('/api/auth/audit', { before, limit: 25 }), signal === undefined ? {} : { signal })
}
