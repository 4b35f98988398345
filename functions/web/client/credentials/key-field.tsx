import { useEffect, useRef, useState } from 'preact/hooks'
import { Field } from '../components/field.tsx'
import { useForm } from '../components/form.tsx'

/**
 * Where a provider key is pasted. It is masked like a password and is none, so that no browser offers to keep it, and it
 * is emptied as soon as it is sent.
 */
export function KeyField() {
  const input = useRef<HTMLInputElement>(null)
  const [shown, setShown] = useState(false)
  const { pending } = useForm()

  useEffect(() => {
    if (pending && input.current !== null) input.current.value = ''
  }, [pending])

  return (
    <Field
      name="key"
      label="Key"
      hint="It is sent to this Oort alone, sealed there, and never shown again."
      control={(attributes) => (
        <div class="with-button">
          <input
            {...attributes}
            ref={input}
            type="text"
            class={shown ? 'secret' : 'secret masked'}
            required
            maxLength={2_000}
            autoComplete="off"
            autoCapitalize="off"
            spellcheck={false}
            data-1p-ignore
            data-lpignore="true"
          />
          <button
            type="button"
            class="button quiet"
            aria-pressed={shown}
            aria-label="Show: Key"
            onClick={() => setShown(!shown)}
          >
            {shown ? 'Hide' : 'Show'}
          </button>
        </div>
      )}
    />
  )
}
