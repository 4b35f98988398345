import type { ComponentChildren, JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import { useForm } from './form.tsx'

interface InputProps {
  readonly type?: 'text' | 'email' | 'url' | 'search' | 'number'
  readonly required?: boolean
  readonly autoComplete?: string
  readonly inputMode?: 'text' | 'numeric' | 'decimal' | 'email' | 'url'
  readonly pattern?: string
  readonly maxLength?: number
  readonly defaultValue?: string
  readonly placeholder?: string
  readonly min?: number
  readonly max?: number
  readonly step?: number | 'any'
}

/** Preact's types want to know one type of input where we have one of several. */
export type AnyInput = JSX.IntrinsicElements['input']

export interface FieldProps extends InputProps {
  /** What the form's values and the API call it. */
  readonly name: string
  readonly label: string
  readonly hint?: ComponentChildren
  /** Where the form itself does not know better. */
  readonly error?: string | undefined
  /** Draws another control, such as a textarea, with the attributes that tie it to its label, hint and error. */
  control?(attributes: ControlAttributes): ComponentChildren
}

export interface ControlAttributes {
  readonly id: string
  readonly name: string
  readonly 'aria-invalid': true | undefined
  readonly 'aria-describedby': string | undefined
}

/** A control with its label, a hint, and what is wrong with it. */
export function Field({ name, label, hint, error, control, ...input }: FieldProps) {
  const id = useId()
  const wrong = useForm().issues[name] ?? error
  const described = [hint === undefined ? '' : `${id}-hint`, wrong === undefined ? '' : `${id}-error`].filter(Boolean)
  const attributes: ControlAttributes = {
    id,
    name,
    'aria-invalid': wrong === undefined ? undefined : true,
    'aria-describedby': described.length === 0 ? undefined : described.join(' '),
  }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
      {control?.(attributes) ?? <input {...({ ...input, ...attributes } as AnyInput)} />}
      {wrong !== undefined && (
        <p id={`${id}-error`} class="field-error">
          {wrong}
        </p>
      )}
    </div>
  )
}

/** A password that can be looked at while it is typed. */
export function PasswordField({
  name = 'password',
  label = 'Password',
  autoComplete = 'current-password',
  hint,
}: Partial<Pick<FieldProps, 'name' | 'label' | 'autoComplete' | 'hint'>>) {
  const [shown, setShown] = useState(false)
  return (
    <Field
      name={name}
      label={label}
      {...(hint === undefined ? {} : { hint })}
      control={(attributes) => (
        <div class="with-button">
          <input
            {...attributes}
            {...({ type: shown ? 'text' : 'password' } as AnyInput)}
            required
            maxLength={1024}
            autoComplete={autoComplete}
            autoCapitalize="off"
            spellcheck={false}
          />
          <button
            type="button"
            class="button quiet"
            aria-pressed={shown}
            aria-label={`Show: ${label}`}
            onClick={() => setShown(!shown)}
          >
            {shown ? 'Hide' : 'Show'}
          </button>
        </div>
      )}
    />
  )
}
