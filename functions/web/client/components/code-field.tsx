import { useEffect, useRef, useState } from 'preact/hooks'
import { Field } from './field.tsx'

/** What the app shows, and what stands in for it on the day when the app is lost. */
const codes = {
  app: {
    label: 'Code',
    hint: 'The six digits that your authenticator app shows now.',
    input: { inputMode: 'numeric', autoComplete: 'one-time-code', pattern: '\\d{6}', maxLength: 6 },
    other: 'Use a recovery code instead',
  },
  recovery: {
    label: 'Recovery code',
    hint: 'One that you have not used yet: twenty-four letters and digits. It counts once.',
    input: { autoComplete: 'off', pattern: '[0-9A-Za-z]{4}([ \\-]?[0-9A-Za-z]{4}){5}', maxLength: 29 },
    other: 'Use the authenticator app instead',
  },
} as const

/**
 * A code of an authenticator app or, unless `recovery` is false, a recovery code in its place. `focused`: it has just
 * been asked for, so that is where one goes on.
 */
export function CodeField({
  focused = false,
  recovery = true,
}: {
  readonly focused?: boolean
  readonly recovery?: boolean
}) {
  const input = useRef<HTMLInputElement>(null)
  const [kind, setKind] = useState<keyof typeof codes>('app')
  const code = codes[kind]

  useEffect(() => {
    if (focused) input.current?.focus()
  }, [focused])

  const change = () => {
    setKind(kind === 'app' ? 'recovery' : 'app')
    if (input.current === null) return
    input.current.value = ''
    input.current.focus()
  }

  return (
    <div class="code-field">
      <Field
        name="code"
        label={code.label}
        hint={code.hint}
        control={(attributes) => (
          <input {...attributes} ref={input} {...code.input} required autoCapitalize="off" spellcheck={false} />
        )}
      />
      {recovery && (
        <button type="button" class="link" onClick={change}>
          {code.other}
        </button>
      )}
    </div>
  )
}
