import { useState } from 'preact/hooks'
import type { Provider } from '../../../../core/providers/provider.ts'
import { api } from '../api/api.ts'
import { Dialog } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Form } from '../components/form.tsx'
import { KeyField } from './key-field.tsx'
import { inWords, isUnchecked, keyIssue } from './key-refusal.ts'
import { consoles, type ProviderKey, providerNames } from './provider-key.ts'

/**
 * Adds a provider key after its provider has accepted it. Where the provider cannot be asked, it can be added without.
 */
export function AddKey({
  open,
  onAdded,
  onClose,
}: {
  readonly open: boolean
  onAdded(key: ProviderKey): void
  onClose(): void
}) {
  return (
    <Dialog open={open} title="Add a provider key" onClose={onClose}>
      <AddKeyForm onAdded={onAdded} />
    </Dialog>
  )
}

function AddKeyForm({ onAdded }: { onAdded(key: ProviderKey): void }) {
  const [provider, setProvider] = useState<Provider>('openai')
  const [unchecked, setUnchecked] = useState(false)

  const add = async ({ key, label = '', check }: Readonly<Record<string, string>>) => {
    const named = label.trim() === '' ? {} : { label }
    try {
      onAdded(await api.post('/api/keys', { provider, key, ...named, verify: !unchecked || check === 'on' }))
    } catch (error) {
      if (isUnchecked(error)) setUnchecked(true)
      throw inWords(error, provider)
    }
  }

  return (
    <Form submit="Add the key" onSubmit={add} issueOf={keyIssue}>
      <Field
        name="provider"
        label="Provider"
        control={(attributes) => (
          <select
            {...attributes}
            value={provider}
            onChange={({ currentTarget }) => setProvider(currentTarget.value as Provider)}
          >
            {Object.entries(providerNames).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        )}
      />
      <KeyField />
      <p class="hint">
        You make keys{' '}
        <a href={consoles[provider]} target="_blank" rel="noreferrer">
          at {providerNames[provider]}
        </a>
        . One for Oort alone can be revoked alone.
      </p>
      <Field
        name="label"
        label="Name (optional)"
        maxLength={80}
        autoComplete="off"
        hint="To tell it from others, such as “Work”."
      />
      {unchecked && (
        <label class="check">
          <input type="checkbox" name="check" defaultChecked />
          Ask {providerNames[provider]} first whether it accepts the key
        </label>
      )}
    </Form>
  )
}
