import { type ComponentChildren, createContext } from 'preact'
import { useContext, useEffect, useRef, useState } from 'preact/hooks'
import { ApiError, explain } from '../api/problem.ts'
import { Button, type ButtonProps } from './button.tsx'
import { Notice } from './notice.tsx'

/** The texts of a form's fields, by their names. */
export type Values = Readonly<Record<string, string>>

interface FormState {
  readonly pending: boolean
  /** What is wrong with a field, by its name. */
  readonly issues: Readonly<Record<string, string>>
}

const FormContext = createContext<FormState>({ pending: false, issues: {} })

/** The state of the form around a field. */
export function useForm(): FormState {
  return useContext(FormContext)
}

/**
 * A form that says what went wrong: beside the fields that the answer names, which get the focus, and above for the
 * rest. `issueOf` places a refusal that names no field, such as PASSWORD_TOO_SHORT. While it is under way it takes no
 * second submission.
 */
export function Form({
  submit,
  submitKind = 'primary',
  onSubmit,
  issueOf,
  actions,
  children,
}: {
  readonly submit: string
  readonly submitKind?: ButtonProps['kind']
  onSubmit(values: Values): Promise<void>
  issueOf?(error: ApiError): Readonly<Record<string, string>> | undefined
  /** Beside the button that submits. */
  readonly actions?: ComponentChildren
  readonly children: ComponentChildren
}) {
  const form = useRef<HTMLFormElement>(null)
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<unknown>()
  const issues = error instanceof ApiError ? (issueOf?.(error) ?? issuesOf(error)) : {}
  const placed = Object.keys(issues).some((name) => form.current?.elements.namedItem(name) !== null)

  useEffect(() => {
    if (error === undefined) return
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [error])

  const run = async () => {
    if (pending || form.current === null) return
    const entries = [...new FormData(form.current)].map(([name, value]) => [name, String(value)] as const)
    setPending(true)
    setError(undefined)
    try {
      await onSubmit(Object.fromEntries(entries))
    } catch (thrown) {
      setError(thrown)
    } finally {
      setPending(false)
    }
  }

  return (
    <FormContext.Provider value={{ pending, issues }}>
      <form
        ref={form}
        class="form"
        onSubmit={(event) => {
          event.preventDefault()
          void run()
        }}
      >
        {error !== undefined && !placed && <Notice kind="error">{explain(error)}</Notice>}
        {children}
        <div class="actions">
          <Button type="submit" kind={submitKind} pending={pending}>
            {submit}
          </Button>
          {actions}
        </div>
      </form>
    </FormContext.Provider>
  )
}

function issuesOf({ issues }: ApiError): Readonly<Record<string, string>> {
  return Object.fromEntries(issues.map(({ pointer, message }) => [pointer.split('/')[1] ?? '', message]))
}
