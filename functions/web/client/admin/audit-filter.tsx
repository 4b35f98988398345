import { Field } from '../components/field.tsx'
import { Form } from '../components/form.tsx'

/** What the log is searched for, as its operation calls it. Times are local, as `datetime-local` has them. */
export interface AuditFilter {
  readonly actor: string
  readonly subject: string
  readonly action: string
  readonly target: string
  readonly from: string
  readonly to: string
}

export const auditFields = ['action', 'actor', 'subject', 'target', 'from', 'to'] as const

const texts = [
  ['action', 'Action', 'user.suspended'],
  ['actor', 'Who', 'usr_…'],
  ['subject', 'Whose chain', 'usr_… or house'],
  ['target', 'To what', 'key_…'],
] as const

const times = [
  ['from', 'From'],
  ['to', 'Until'],
] as const

export function AuditFilterForm({
  filter,
  onSearch,
}: {
  readonly filter: AuditFilter
  onSearch(filter: AuditFilter): void
}) {
  return (
    <div class="filter">
      <Form
        submit="Search"
        onSubmit={async (values) => {
          const given = (name: (typeof auditFields)[number]) => (values[name] ?? '').trim()
          onSearch({
            action: given('action'),
            actor: given('actor'),
            subject: given('subject'),
            target: given('target'),
            from: given('from'),
            to: given('to'),
          })
        }}
        actions={<a href="/admin/audit">Everything</a>}
      >
        {texts.map(([name, label, placeholder]) => (
          <Field
            key={name}
            name={name}
            label={label}
            placeholder={placeholder}
            defaultValue={filter[name]}
            maxLength={64}
          />
        ))}
        {times.map(([name, label]) => (
          <Field
            key={name}
            name={name}
            label={label}
            control={(attributes) => <input {...attributes} type="datetime-local" defaultValue={filter[name]} />}
          />
        ))}
      </Form>
    </div>
  )
}
