import { useRoute } from 'preact-iso/router'
import { api } from '../../api/api.ts'
import { explain } from '../../api/problem.ts'
import { useLoad } from '../../api/use-load.ts'
import { Count, Time } from '../../components/amounts.tsx'
import { PageHeader } from '../../components/card.tsx'
import { CopyButton } from '../../components/copy-button.tsx'
import { Notice } from '../../components/notice.tsx'
import { Skeleton } from '../../components/skeleton.tsx'
import { AccountActs } from '../account-acts.tsx'
import { AccountTags } from '../accounts.tsx'
import type { Account } from '../answers.ts'
import { Facts, Id } from '../parts.tsx'

/** One account in numbers, and what can be done to it. */
export function Page() {
  const userId = useRoute().params['userId'] ?? ''
  const { data, error, set } = useLoad(userId, (signal) => api.get<Account>(`/api/admin/users/${userId}`, { signal }))
  return (
    <div class="page admin-account">
      <PageHeader title="Account" lead={<Id>{userId}</Id>} actions={<CopyButton text={userId} label="Copy the id" />} />
      {error !== undefined && <Notice kind="error">{explain(error)}</Notice>}
      {data === undefined && error === undefined && <Skeleton lines={6} />}
      {data !== undefined && (
        <div class="stack">
          <AccountTags account={data} />
          <Facts facts={factsOf(data)} />
          <AccountActs account={data} onChange={set} />
          <p>
            <a href={`/admin/audit?subject=${userId}`}>What its audit log holds</a>
            <br />
            <a href={`/admin/audit?actor=${userId}`}>What it did</a>
          </p>
        </div>
      )}
    </div>
  )
}

function factsOf(account: Account) {
  const { createdAt, emailVerifiedAt, lastSeenAt, secondFactor, plan } = account
  return [
    ['Opened', <Time key="opened" at={createdAt} />],
    ['Address confirmed', emailVerifiedAt === null ? 'no' : <Time key="confirmed" at={emailVerifiedAt} />],
    ['Seen', lastSeenAt === null ? 'not lately' : <Time key="seen" at={lastSeenAt} />],
    ['Plan', plan],
    ['Authenticator app', secondFactor ? 'yes' : 'no'],
    ['Passkeys', <Count key="passkeys" of={account.passkeys} />],
    ['Signed-in browsers', <Count key="sessions" of={account.sessions} />],
    ['Runs', <Count key="runs" of={account.runs} />],
    ['Provider keys', <Count key="keys" of={account.providerKeys} />],
    ['API keys', <Count key="api-keys" of={account.apiKeys} />],
  ] as const
}
