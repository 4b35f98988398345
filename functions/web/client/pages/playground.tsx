import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { api, withQuery } from '../api/api.ts'
import { pageMemory } from '../api/unsent.ts'
import { useLoad } from '../api/use-load.ts'
import { useUnsent } from '../api/use-unsent.ts'
import { Button } from '../components/button.tsx'
import { PageHeader } from '../components/card.tsx'
import { EmptyState } from '../components/notice.tsx'
import { Skeleton } from '../components/skeleton.tsx'
import { AnswerPanel } from '../prompting/answer-panel.tsx'
import { type BoardState, createBoard } from '../prompting/board.ts'
import { CodeDialog } from '../prompting/code-dialog.tsx'
import { Composer } from '../prompting/composer.tsx'
import {
  type Draft,
  draftOf,
  emptyDraft,
  firstModels,
  modelsIn,
  questionIn,
  rememberModels,
} from '../prompting/draft.ts'
import { type Question, questionOf } from '../prompting/question.ts'
import { Refusal } from '../prompting/refusal.tsx'
import { byModel, type ListedRun, type Model, modelNamed, nameOf, type RunDetail } from '../prompting/run-record.ts'
import { useShortcuts } from '../prompting/use-shortcuts.ts'

/** Asks up to four models at once, with the user's own keys. */
export function Page() {
  const { query } = useLocation()
  const from = query['run']
  const start = useLoad(`from ${from ?? ''}`, (signal) => begin(from, signal))
  return (
    <div class="page playground">
      <PageHeader title="Playground" />
      {start.error !== undefined && <Refusal error={start.error} onRetry={start.reload} />}
      {start.data === undefined && start.error === undefined && <Skeleton lines={6} />}
      {start.data !== undefined && start.data.models.length === 0 && <NoKey />}
      {start.data !== undefined && start.data.models.length > 0 && (
        <Playground key={from} {...start.data} from={from} />
      )}
    </div>
  )
}

interface Start {
  readonly models: readonly Model[]
  readonly draft: Draft
}

/** The models that there are and, with a run of the history, what it was asked and whom. */
async function begin(from: string | undefined, signal: AbortSignal): Promise<Start> {
  const { models } = await api.get<{ readonly models: readonly Model[] }>('/api/models', { signal })
  const usual = emptyDraft(firstModels(models))
  if (from === undefined) return { models, draft: usual }
  const run = await api.get<RunDetail>(`/api/runs/${encodeURIComponent(from)}`, { signal })
  const question = questionOf(run)
  const comparisonId = run.comparisonId ?? undefined
  const path = withQuery('/api/runs', { comparisonId })
  const { runs } =
    comparisonId === undefined
      ? { runs: [run] }
      : await api.get<{ readonly runs: readonly ListedRun[] }>(path, { signal })
  const names = runs.toSorted(byModel).map((each) => nameOf(each, models))
  return { models, draft: question === undefined ? usual : draftOf(question, [...new Set(names)]) }
}

function NoKey() {
  return (
    <EmptyState
      title="First, a key"
      action={
        <a class="button primary" href="/keys">
          Add a provider key
        </a>
      }
    >
      Prompts run with your own OpenAI, Anthropic or Cerebras key. Add one: it is checked with its provider, sealed, and
      used for nothing else.
    </EmptyState>
  )
}

function Playground({ models, draft: first, from }: Start & { readonly from: string | undefined }) {
  const [draft, setDraft] = useUnsent(pageMemory, `draft ${from ?? ''}`, first)
  const [state, setState] = useState<BoardState>({ question: undefined, answers: [], refusal: undefined })
  const [codeShown, setCodeShown] = useState(false)
  const [problem, setProblem] = useState<string>()
  const prompt = useRef<HTMLTextAreaElement>(null)
  const board = useMemo(() => createBoard(setState), [])
  const running = state.answers.some(({ ended }) => !ended)

  useLayoutEffect(() => prompt.current?.focus({ preventScroll: true }), [])
  useEffect(() => {
    if (from === undefined) {
      void board.restore(models).then((found) => {
        if (found !== undefined)
          setDraft((typed) => (typed.prompt === '' ? draftOf(found.question, found.models) : typed))
      })
    }
    return () => board.leave()
  }, [board])

  const run = () => {
    const names = modelsIn(draft)
    const wrong = problemOf(draft, names)
    setProblem(wrong)
    if (wrong !== undefined) return prompt.current?.focus()
    rememberModels(names)
    if (from !== undefined) history.replaceState(null, '', '/playground')
    void board.ask(questionIn(draft), names)
  }
  const stop = () => board.stop()
  useShortcuts({ run, stop: running ? stop : undefined })

  const { answers, question, refusal } = state
  const asked = question === undefined ? 0 : lengthOf(question)
  return (
    <>
      <Composer draft={draft} models={models} prompt={prompt} onChange={setDraft}>
        <Button kind="primary" onClick={run}>
          Run <Keys of="run" />
        </Button>
        <Button disabled={!running} onClick={stop}>
          Stop <Keys of="stop" />
        </Button>
        <Button kind="quiet" onClick={() => setCodeShown(true)}>
          As code
        </Button>
        {problem !== undefined && <p role="alert">{problem}</p>}
      </Composer>
      <section class="board" aria-label="Answers" data-count={answers.length}>
        <h2 class="visually-hidden">Answers</h2>
        {refusal !== undefined && <Refusal error={refusal} onRetry={run} />}
        {answers.length === 0 && refusal === undefined && <p class="board-empty">Answers appear here as they come.</p>}
        {answers.map((answer, index) => (
          <AnswerPanel
            key={index}
            answer={answer}
            asked={asked}
            model={modelNamed(answer.model, models)}
            onStop={() => board.stop(index)}
            onAskAgain={() => board.askAgain(index)}
          />
        ))}
      </section>
      <p class="visually-hidden" role="status">
        {announce(state)}
      </p>
      <CodeDialog open={codeShown} draft={draft} models={models} onClose={() => setCodeShown(false)} />
    </>
  )
}

function problemOf(draft: Draft, models: readonly string[]): string | undefined {
  if (draft.prompt.trim() === '') return 'Write a prompt first.'
  return models.length === 0 ? 'Choose a model first.' : undefined
}

function lengthOf({ system = '', messages }: Question): number {
  return messages.reduce((sum, { content }) => sum + content.length, system.length)
}

/** Beginning and end, not what is between them. */
function announce({ answers }: BoardState): string {
  if (answers.length === 0) return ''
  const ended = answers.filter((answer) => answer.ended)
  const failed = ended.filter(({ refusal }) => refusal !== undefined)
  if (ended.length === answers.length) return `Ended${failed.length === 0 ? '' : `, ${failed.length} failed`}.`
  return answers.length === 1 ? 'Asking.' : `Asking ${answers.length} models, ${ended.length} answered.`
}

const isApple = /Mac|iPhone|iPad/.test(navigator.platform)

/** For the eye: `aria-keyshortcuts` would be read before each press. */
function Keys({ of }: { readonly of: 'run' | 'stop' }) {
  const run = isApple ? '⌘ ↵' : 'Ctrl ↵'
  return (
    <span class="keys" aria-hidden="true">
      {of === 'run' ? run : 'Esc'}
    </span>
  )
}
