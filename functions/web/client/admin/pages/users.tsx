import { useState } from 'preact/hooks'
import { api, withQuery } from '../../api/api.ts'
import { PageHeader } from '../../components/card.tsx'
import { Field } from '../../components/field.tsx'
import { Form } from '../../components/form.tsx'
import { EmptyState } from '../../components/notice.tsx'
import { AccountTable } from '../accounts.tsx'
import type { Account } from '../answers.ts'
import { Paged } from '../paged.tsx'
import { Choice } from '../parts.tsx'
import { usePages } from '../use-pages.ts'

interface Answer {
  readonly users: readonly Account[]
  readonly nextCursor: string | null
}

const roles = [
  ['', 'Everybody'],
  ['admin', 'Administrators'],
  ['user', 'Users'],
] as const

const states = [
  ['', 'Any'],
  ['active', 'Active'],
  ['suspended', 'Suspended'],
] as const

/** Accounts, newest first. What is searched for stays out of the address, which browsers remember: it can be a person's. */
export function Page() {
  const [filter, setFilter] = useState({ query: '', role: '', status: '' })
  const pages = usePages<Account>(JSON.stringify(filter), async (cursor, signal) => {
    const { users: rows, nextCursor } = await api.get<Answer>(withQuery('/api/admin/users', { ...filter, cursor }), {
      signal,
    })
    return { rows, nextCursor }
  })
  return (
    <div class="page">
      <PageHeader title="Accounts" />
      <div class="filter">
        <Form
          submit="Search"
          onSubmit={async ({ query = '', role = '', status = '' }) => setFilter({ query: query.trim(), role, status })}
        >
          <Field
            name="query"
            label="Id or whole e-mail address"
            autoComplete="off"
            maxLength={254}
            hint="Addresses are sealed: a part of one finds nothing."
          />
          <Choice name="role" label="Role" options={roles} />
          <Choice name="status" label="State" options={states} />
        </Form>
      </div>
      <Paged
        pages={pages}
        empty={<EmptyState title="No such account">Search for the whole address, or the whole id.</EmptyState>}
      >
        {(rows) => <AccountTable accounts={rows} />}
      </Paged>
    </div>
  )
}
