import { api } from '../api/api.ts'
import { Dialog } from '../components/dialog.tsx'
import { Form } from '../components/form.tsx'
import { KeyField } from './key-field.tsx'
import { inWords, keyIssue } from './key-refusal.ts'
import { nameOf, type ProviderKey, providerNames } from './provider-key.ts'

export type Replaced = ProviderKey & { readonly bytesErased: boolean }

/** Puts a new key of the same provider in the place of `old`, which stays until the provider accepts the new one. */
export function ReplaceKey({
  open,
  old,
  onReplaced,
  onClose,
}: {
  readonly open: boolean
  readonly old: ProviderKey
  onReplaced(key: Replaced): void
  onClose(): void
}) {
  const { id, provider, lastFour } = old
  const replace = async ({ key }: Readonly<Record<string, string>>) => {
    try {
      onReplaced(await api.put<Replaced>(`/api/keys/${id}`, { key, verify: true }))
    } catch (error) {
      throw inWords(error, provider)
    }
  }
  return (
    <Dialog open={open} title={`Replace “${nameOf(old)}”`} onClose={onClose}>
      <Form submit="Replace the key" onSubmit={replace} issueOf={keyIssue}>
        <p>
          The new key is checked with {providerNames[provider]} first. Then the one that ends in <code>{lastFour}</code>{' '}
          is removed, and what uses it goes on with the new one.
        </p>
        <KeyField />
      </Form>
    </Dialog>
  )
}
