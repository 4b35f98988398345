import type { ComponentChildren } from 'preact'
import { Field } from '../components/field.tsx'

/** An id, whole: it is there to be compared and copied. */
export function Id({ children }: { readonly children: string }) {
  return <code class="id">{children}</code>
}

/** What is known of something, by name. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** One of a few values. */
export function Choice({
  name,
  label,
  options,
  value,
  hint,
}: {
  readonly name: string
  readonly label: string
  /** Values and what they are called. */
  readonly options: readonly (readonly [string, string])[]
  /** What is chosen at first. */
  readonly value?: string | undefined
  readonly hint?: string
}) {
  return (
    <Field
      name={name}
      label={label}
      {...(hint === undefined ? {} : { hint })}
      control={(attributes) => (
        <select {...attributes}>
          {options.map(([each, text]) => (
            <option key={each} value={each} selected={each === value}>
              {text}
            </option>
          ))}
        </select>
      )}
    />
  )
}

const units = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** A size, in thousands. */
export function inBytes(bytes: number): string {
  const step = bytes === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const shown = bytes / 1_000 ** step
  return `${shown.toLocaleString('en', { maximumFractionDigits: step === 0 ? 0 : 1 })} ${units[step]}`
}
