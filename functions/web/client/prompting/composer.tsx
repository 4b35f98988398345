import type { ComponentChildren, RefObject } from 'preact'
import { Button } from '../components/button.tsx'
import { Field } from '../components/field.tsx'
import type { Draft } from './draft.ts'
import { ModelPicker } from './model-picker.tsx'
import type { Model } from './run-record.ts'

/** What is asked, of whom, and how. */
export function Composer({
  draft,
  models,
  prompt,
  onChange,
  children,
}: {
  readonly draft: Draft
  readonly models: readonly Model[]
  readonly prompt: RefObject<HTMLTextAreaElement | null>
  onChange(draft: Draft): void
  /** What can be done with it. */
  readonly children: ComponentChildren
}) {
  const set = (part: Partial<Draft>) => onChange({ ...draft, ...part })
  return (
    <section class="composer" aria-label="What to ask">
      <div class="composer-words">
        <Earlier draft={draft} onForget={() => set({ earlier: [] })} />
        <Field
          name="prompt"
          label="Prompt"
          control={(attributes) => (
            <textarea
              {...attributes}
              ref={prompt}
              value={draft.prompt}
              placeholder="Ask something…"
              onInput={(event) => set({ prompt: event.currentTarget.value })}
            />
          )}
        />
        <details open={draft.system !== ''}>
          <summary>System prompt</summary>
          <textarea
            aria-label="System prompt"
            placeholder="Who the model is to be, and what it keeps to."
            value={draft.system}
            onInput={(event) => set({ system: event.currentTarget.value })}
          />
        </details>
      </div>
      <div class="composer-settings">
        <ModelPicker chosen={draft.models} models={models} onChange={(chosen) => set({ models: chosen })} />
        <details open={draft.maxTokens + draft.temperature + draft.topP !== ''}>
          <summary>Parameters</summary>
          <p class="hint">What is left empty is the provider’s own choice.</p>
          <div class="parameters">
            <NumberField
              label="Temperature"
              max={2}
              value={draft.temperature}
              onChange={(temperature) => set({ temperature })}
            />
            <NumberField label="Top P" max={1} value={draft.topP} onChange={(topP) => set({ topP })} />
            <NumberField
              label="Most tokens"
              max={1_000_000}
              whole
              value={draft.maxTokens}
              onChange={(maxTokens) => set({ maxTokens })}
            />
          </div>
        </details>
      </div>
      <div class="composer-acts">{children}</div>
    </section>
  )
}

function NumberField({
  label,
  max,
  whole = false,
  value,
  onChange,
}: {
  readonly label: string
  readonly max: number
  readonly whole?: boolean
  readonly value: string
  onChange(value: string): void
}) {
  const valid = value === '' || (Number(value) >= (whole ? 1 : 0) && Number(value) <= max)
  return (
    <Field
      name={label}
      label={label}
      error={valid ? undefined : `${whole ? 1 : 0} to ${max.toLocaleString('en')}`}
      control={(attributes) => (
        <input
          {...attributes}
          type="number"
          inputMode={whole ? 'numeric' : 'decimal'}
          min={whole ? 1 : 0}
          max={max}
          step={whole ? 1 : 0.05}
          value={value}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      )}
    />
  )
}

/** A conversation from the history, which the prompt goes on with. */
function Earlier({ draft: { earlier }, onForget }: { readonly draft: Draft; onForget(): void }) {
  if (earlier.length === 0) return null
  return (
    <details class="earlier">
      <summary>
        After {earlier.length} earlier {earlier.length === 1 ? 'message' : 'messages'}
      </summary>
      <ol class="conversation">
        {earlier.map(({ role, content }, index) => (
          <li key={index}>
            <p class="who">{role === 'user' ? 'You' : 'The model'}</p>
            <p class="words">{content}</p>
          </li>
        ))}
      </ol>
      <Button kind="quiet" onClick={onForget}>
        Leave them out
      </Button>
    </details>
  )
}
