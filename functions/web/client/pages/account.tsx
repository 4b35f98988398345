import { useState } from 'preact/hooks'
import { AuditLog } from '../account/audit-log.tsx'
import { DeleteAccount } from '../account/delete-account.tsx'
import { Export } from '../account/export.tsx'
import { Passkeys } from '../account/passkeys.tsx'
import { Password } from '../account/password.tsx'
import { SecondFactor } from '../account/second-factor.tsx'
import { Sessions } from '../account/sessions.tsx'
import { useMe } from '../api/session.tsx'
import { PageHeader } from '../components/card.tsx'

/** All that belongs to the account itself. */
export function Page() {
  const { email } = useMe()
  const [passwordChanges, setPasswordChanges] = useState(0)
  return (
    <div class="page">
      <PageHeader title="Account" lead={email} />
      <div class="sections">
        <Sessions changes={passwordChanges} />
        <Password onChanged={() => setPasswordChanges(passwordChanges + 1)} />
        <SecondFactor />
        <Passkeys />
        <Export />
        <AuditLog />
        <DeleteAccount />
      </div>
    </div>
  )
}
