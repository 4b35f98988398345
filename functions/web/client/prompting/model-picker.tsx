import { useEffect, useId, useRef } from 'preact/hooks'
import { inDollars } from '../components/amounts.tsx'
import { Button } from '../components/button.tsx'
import { mostModels } from './draft.ts'
import { type Model, modelNamed, providerNames } from './run-record.ts'

/** The choice that asks for a name. */
const another = ' '

/** Chooses one to four models, from those that the user's keys reach or by name. */
export function ModelPicker({
  chosen,
  models,
  onChange,
}: {
  readonly chosen: readonly string[]
  readonly models: readonly Model[]
  onChange(chosen: readonly string[]): void
}) {
  const next = models.find(({ id }) => !chosen.includes(id))?.id ?? ''
  return (
    <fieldset class="model-picker">
      <legend>{chosen.length === 1 ? 'Model' : 'Models, side by side'}</legend>
      {chosen.map((name, index) => (
        <Slot
          key={index}
          label={chosen.length === 1 ? 'Model' : `Model ${index + 1}`}
          name={name}
          models={models}
          onChoose={(other) => onChange(chosen.with(index, other))}
          onRemove={chosen.length === 1 ? undefined : () => onChange(chosen.toSpliced(index, 1))}
        />
      ))}
      {chosen.length < mostModels && (
        <Button kind="quiet" onClick={() => onChange([...chosen, next])}>
          <span aria-hidden="true">+</span> Compare with another
        </Button>
      )}
    </fieldset>
  )
}

function Slot({
  label,
  name,
  models,
  onChoose,
  onRemove,
}: {
  readonly label: string
  readonly name: string
  readonly models: readonly Model[]
  onChoose(name: string): void
  readonly onRemove: (() => void) | undefined
}) {
  const id = useId()
  const known = modelNamed(name, models)
  const input = useRef<HTMLInputElement>(null)
  const typed = known === undefined
  const wasTyped = useRef(typed)
  useEffect(() => {
    if (typed && !wasTyped.current) input.current?.focus()
    wasTyped.current = typed
  }, [typed])

  return (
    <div class="slot">
      <label class="visually-hidden" for={id}>
        {label}
      </label>
      {typed ? (
        <input
          ref={input}
          id={id}
          value={name}
          placeholder="provider/model"
          autoCapitalize="off"
          spellcheck={false}
          maxLength={255}
          aria-describedby={`${id}-hint`}
          onInput={(event) => onChoose(event.currentTarget.value)}
        />
      ) : (
        <select
          id={id}
          value={known.id}
          aria-describedby={`${id}-hint`}
          onChange={({ currentTarget: { value } }) => onChoose(value === another ? '' : value)}
        >
          <Options models={models} />
          <option value={another}>Another, by name…</option>
        </select>
      )}
      {onRemove !== undefined && (
        <button type="button" class="button quiet icon-only" aria-label={`Remove ${label}`} onClick={onRemove}>
          <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true" class="line-icon">
            <path d="M6 6l12 12M18 6L6 18" />
          </svg>
        </button>
      )}
      <p id={`${id}-hint`} class="hint">
        {typed ? (
          <>
            Such as openai/gpt-5.4.{' '}
            <button type="button" class="link" onClick={() => onChoose(models[0]?.id ?? '')}>
              Choose from the list
            </button>
          </>
        ) : (
          priceOf(known)
        )}
      </p>
    </div>
  )
}

function Options({ models }: { readonly models: readonly Model[] }) {
  const groups = Map.groupBy(models, ({ provider }) => provider)
  return (
    <>
      {[...groups].map(([provider, its]) => (
        <optgroup key={provider} label={providerNames[provider]}>
          {its.map(({ id }) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </optgroup>
      ))}
    </>
  )
}

function priceOf({ provider, price }: Model): string {
  const name = providerNames[provider]
  if (price === null) return `${name}, price not known`
  return `${name}, ${inDollars(price.input)} in, ${inDollars(price.output)} out per M tokens`
}
