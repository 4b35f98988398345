import { Time } from '../components/amounts.tsx'
import { Tag } from '../components/notice.tsx'
import { Table } from '../components/table.tsx'
import type { Account } from './answers.ts'
import { Id } from './parts.tsx'

/** Accounts in rows, each with the way to it. Nobody is named: an id is all that there is. */
export function AccountTable({ accounts }: { readonly accounts: readonly Account[] }) {
  return (
    <Table
      caption="Accounts"
      rows={accounts}
      keyOf={({ id }) => id}
      columns={[
        {
          title: 'Account',
          cell: ({ id }) => (
            <a href={`/admin/users/${id}`}>
              <Id>{id}</Id>
            </a>
          ),
        },
        { title: 'State', cell: (account) => <AccountTags account={account} /> },
        { title: 'Plan', cell: ({ plan }) => plan },
        { title: 'Runs', numeric: true, cell: ({ runs }) => runs.toLocaleString('en') },
        { title: 'Opened', cell: ({ createdAt }) => <Time at={createdAt} /> },
        { title: 'Seen', cell: ({ lastSeenAt }) => (lastSeenAt === null ? 'not lately' : <Time at={lastSeenAt} />) },
      ]}
    />
  )
}

/** What is out of the ordinary about an account. */
export function AccountTags({ account: { role, status, emailVerifiedAt } }: { readonly account: Account }) {
  return (
    <span class="tags">
      {status === 'suspended' ? <Tag kind="danger">Suspended</Tag> : <Tag kind="success">Active</Tag>}
      {role === 'admin' && <Tag kind="accent">Administrator</Tag>}
      {emailVerifiedAt === null && <Tag kind="warning">Address not confirmed</Tag>}
    </span>
  )
}
