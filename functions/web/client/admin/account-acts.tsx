import { useState } from 'preact/hooks'
import { api } from '../api/api.ts'
import { useMe } from '../api/session.tsx'
import { Button } from '../components/button.tsx'
import { Dialog } from '../components/dialog.tsx'
import { Form } from '../components/form.tsx'
import { withProof } from '../components/password-proof.tsx'
import { toast } from '../components/toasts.tsx'
import type { Account } from './answers.ts'
import { Choice } from './parts.tsx'

interface Act {
  /** The last segment of its operation. */
  readonly path: 'suspend' | 'unsuspend' | 'sign-out' | 'role'
  readonly name: string
  readonly kind: 'danger' | 'secondary'
  readonly consequence: string
  readonly done: string
  readonly body?: Readonly<Record<string, string>>
}

/** Words of the fixed set that an audit log can hold. */
const reasons = [
  ['user_request', 'The user asked for it'],
  ['security', 'Security'],
  ['abuse', 'Abuse'],
  ['staffing', 'Staffing'],
  ['mistake', 'A mistake is put right'],
  ['test', 'A test'],
] as const

const suspend: Act = {
  path: 'suspend',
  name: 'Suspend',
  kind: 'danger',
  consequence: 'Its sessions end, its API keys are refused, and its runs stop at once. Nothing is deleted.',
  done: 'The account is suspended.',
}
const unsuspend: Act = {
  path: 'unsuspend',
  name: 'Lift the suspension',
  kind: 'secondary',
  consequence: 'It can sign in again, and its API keys work.',
  done: 'The suspension is lifted.',
}
const signOut: Act = {
  path: 'sign-out',
  name: 'Sign out everywhere',
  kind: 'secondary',
  consequence: 'All its sessions end at once. Its API keys and runs go on.',
  done: 'Its sessions are ended.',
}
const promote: Act = {
  path: 'role',
  name: 'Make an administrator',
  kind: 'secondary',
  consequence: 'It can do from its next request on what you can do here, to your account too.',
  done: 'It is an administrator’s account now.',
  body: { role: 'admin' },
}
const demote: Act = {
  path: 'role',
  name: 'Take the role away',
  kind: 'danger',
  consequence: 'Its next request to these pages is refused.',
  done: 'The role is taken away.',
  body: { role: 'user' },
}

/** What can be done to an account, each with its reason. Role and suspension ask who it is that acts. */
export function AccountActs({ account, onChange }: { readonly account: Account; onChange(account: Account): void }) {
  const { id: ownId } = useMe()
  const [chosen, choose] = useState<Act>()
  const acts = [account.status === 'active' ? suspend : unsuspend, signOut, account.role === 'user' ? promote : demote]

  const carryOut = async ({ path, body, done }: Act, reason: string | undefined) => {
    const changed = await withProof(() =>
      api.post<Account>(`/api/admin/users/${account.id}/${path}`, { ...body, reason }),
    )
    choose(undefined)
    toast(done)
    onChange(changed)
  }

  return (
    <>
      <div class="actions">
        {acts.map((act) => (
          <Button key={act.name} kind={act.kind} onClick={() => choose(act)}>
            {act.name}
          </Button>
        ))}
      </div>
      <Dialog open={chosen !== undefined} title={`${chosen?.name ?? ''}?`} onClose={() => choose(undefined)}>
        {account.id === ownId && <p>This is your own account.</p>}
        <p>{chosen?.consequence}</p>
        <Form
          submit={chosen?.name ?? ''}
          submitKind={chosen?.kind === 'danger' ? 'danger' : 'primary'}
          onSubmit={async ({ reason }) => chosen && (await carryOut(chosen, reason))}
          actions={<Button onClick={() => choose(undefined)}>Leave it</Button>}
        >
          <Choice
            name="reason"
            label="Reason"
            hint="It stands in the account’s audit log, with your id."
            options={reasons}
          />
        </Form>
      </Dialog>
    </>
  )
}
