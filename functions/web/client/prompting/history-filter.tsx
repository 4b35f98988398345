import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { api } from '../api/api.ts'
import { useLoad } from '../api/use-load.ts'
import { type Model, providerNames, stateNames } from './run-record.ts'
import type { RunFilter } from './use-run-list.ts'

/** Long enough for the next letter of a word to come. */
const restMs = 300

/** Searches the words of prompts, and narrows by state, provider and model. */
export function HistoryFilter({ filter, onChange }: { readonly filter: RunFilter; onChange(filter: RunFilter): void }) {
  const set = (part: Partial<RunFilter>) => onChange({ ...filter, ...part })
  const { data } = useLoad('models', (signal) =>
    api.get<{ readonly models: readonly Model[] }>('/api/models', { signal }),
  )
  const names = (data?.models ?? [])
    .filter(({ provider }) => filter.provider === '' || filter.provider === provider)
    .map(({ id }) => id)
  const listed = filter.model === '' || names.includes(filter.model) ? names : [filter.model, ...names]
  return (
    <search class="history-filter">
      <Search text={filter.q} onChange={(q) => set({ q })} />
      <Choice
        label="State"
        any="Any state"
        options={stateNames}
        value={filter.state}
        onChange={(state) => set({ state })}
      />
      <Choice
        label="Provider"
        any="Any provider"
        options={providerNames}
        value={filter.provider}
        onChange={(provider) => set({ provider, model: '' })}
      />
      <Choice
        label="Model"
        any="Any model"
        options={Object.fromEntries(listed.map((id) => [id, id]))}
        value={filter.model}
        onChange={(model) => set({ model })}
      />
    </search>
  )
}

/** Searches once its reader rests. */
function Search({ text, onChange }: { readonly text: string; onChange(text: string): void }) {
  const id = useId()
  const [typed, setTyped] = useState(text)
  const change = useRef(onChange)
  change.current = onChange
  const searched = useRef(text)
  // A search by other means than this field. What was typed here stays as it is, with its spaces and what came since.
  useEffect(() => {
    if (text !== searched.current) setTyped(text)
    searched.current = text
  }, [text])
  useEffect(() => {
    const wanted = typed.trim()
    if (wanted === searched.current) return
    const timer = setTimeout(() => {
      searched.current = wanted
      change.current(wanted)
    }, restMs)
    return () => clearTimeout(timer)
  }, [typed, text])
  return (
    <div class="search">
      <label class="visually-hidden" for={id}>
        Search your prompts
      </label>
      <input
        id={id}
        type="search"
        placeholder="Search your prompts"
        maxLength={200}
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
    </div>
  )
}

function Choice({
  label,
  any,
  options,
  value,
  onChange,
}: {
  readonly label: string
  readonly any: string
  readonly options: Readonly<Record<string, string>>
  readonly value: string
  onChange(value: string): void
}) {
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="">{any}</option>
      {Object.entries(options).map(([id, name]) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  )
}
