import { useState } from 'preact/hooks'
import { api } from '../api/api.ts'
import { useSession } from '../api/session.tsx'
import { useLoad } from '../api/use-load.ts'
import { Time } from '../components/amounts.tsx'
import { Button } from '../components/button.tsx'
import { ConfirmDelete } from '../components/dialog.tsx'
import { Tag } from '../components/notice.tsx'
import { Awaited, Section } from '../components/section.tsx'
import { toast } from '../components/toasts.tsx'

interface SignedIn {
  readonly id: string
  readonly device: string
  readonly current: boolean
  readonly createdAt: number
  readonly lastSeenAt: number
}

/** The browsers that are signed in, and the ways to sign them out. They are looked up anew when `changes` does. */
export function Sessions({ changes }: { readonly changes: number }) {
  const { forget } = useSession()
  const loaded = useLoad(`sessions ${changes}`, async (signal) => {
    const { sessions } = await api.get<{ readonly sessions: readonly SignedIn[] }>('/api/auth/sessions', { signal })
    return sessions
  })
  const [ending, setEnding] = useState<SignedIn | 'all'>()

  const end = async () => {
    if (ending === undefined) return
    if (ending === 'all') await api.post('/api/auth/sign-out-everywhere')
    else await api.delete(`/api/auth/sessions/${ending.id}`)
    if (ending === 'all' || ending.current) {
      forget()
      toast(ending === 'all' ? 'Every browser is signed out.' : 'You are signed out.')
      return
    }
    loaded.change((newest) => newest.filter(({ id }) => id !== ending.id))
    toast('That browser is signed out.')
  }

  return (
    <Section
      title="Where you are signed in"
      lead="Sign out what you do not know, and change your password."
      actions={<Button onClick={() => setEnding('all')}>Sign out everywhere</Button>}
    >
      <Awaited loaded={loaded}>
        {(sessions) => (
          <ul class="rows">
            {sessions.map((session) => (
              <li key={session.id}>
                <div>
                  <p class="row-title">
                    {session.device} {session.current && <Tag kind="accent">This browser</Tag>}
                  </p>
                  <p class="row-note">
                    Signed in <Time at={session.createdAt} />, last seen <Time at={session.lastSeenAt} />
                  </p>
                </div>
                <Button onClick={() => setEnding(session)}>Sign out</Button>
              </li>
            ))}
          </ul>
        )}
      </Awaited>
      <ConfirmDelete
        open={ending !== undefined}
        title={ending === 'all' ? 'Sign out everywhere?' : `Sign out ${ending?.device ?? ''}?`}
        confirm="Sign out"
        onConfirm={end}
        onClose={() => setEnding(undefined)}
      >
        <p>
          {ending === 'all'
            ? 'Every browser is signed out at once, this one too. API keys go on.'
            : 'Its session ends at once. API keys go on.'}
        </p>
      </ConfirmDelete>
    </Section>
  )
}
