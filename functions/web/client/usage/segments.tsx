import { useId } from 'preact/hooks'

/** One of a few: radio buttons that look like one piece. */
export function Segments<Name extends string>({
  label,
  options,
  value,
  onChange,
}: {
  readonly label: string
  readonly options: Readonly<Record<Name, string>>
  readonly value: Name
  onChange(value: Name): void
}) {
  const group = useId()
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">{label}</legend>
      {(Object.keys(options) as Name[]).map((name) => (
        <label key={name}>
          <input type="radio" name={group} checked={name === value} onChange={() => onChange(name)} />
          <span>{options[name]}</span>
        </label>
      ))}
    </fieldset>
  )
}
