import { useEffect, useState } from 'preact/hooks'
import { useLocation, useRoute } from 'preact-iso/router'
import { api } from '../api/api.ts'
import { ApiError } from '../api/problem.ts'
import { useLoad } from '../api/use-load.ts'
import { Time } from '../components/amounts.tsx'
import { Button } from '../components/button.tsx'
import { PageHeader } from '../components/card.tsx'
import { CopyButton } from '../components/copy-button.tsx'
import { ConfirmDelete } from '../components/dialog.tsx'
import { EmptyState, Notice, Tag } from '../components/notice.tsx'
import { Skeleton } from '../components/skeleton.tsx'
import { toast } from '../components/toasts.tsx'
import { refusalOf } from '../prompting/answer.ts'
import { Output } from '../prompting/output.tsx'
import { questionOf } from '../prompting/question.ts'
import { Refusal } from '../prompting/refusal.tsx'
import { RunFacts } from '../prompting/run-facts.tsx'
import { hasEnded, type RunDetail, stateKinds, stateNames } from '../prompting/run-record.ts'
import { Siblings } from '../prompting/siblings.tsx'
import { WhatWasAsked } from '../prompting/what-was-asked.tsx'

/** How often a run that is under way is asked for again. */
const lookEveryMs = 1_000

/** One run: what was asked, what came, what it took, and who paid. */
export function Page() {
  const id = useRoute().params['id'] ?? ''
  const path = `/api/runs/${encodeURIComponent(id)}`
  const { data, error, reload, set } = useLoad(path, (signal) => api.get<RunDetail>(path, { signal }))
  const running = data !== undefined && !hasEnded(data)
  useEffect(() => {
    if (!running) return
    const timer = setInterval(reload, lookEveryMs)
    return () => clearInterval(timer)
  }, [running, reload])

  if (error instanceof ApiError && [400, 404].includes(error.status)) return <Gone />
  return (
    <div class="page run-page">
      {data === undefined && <PageHeader title="Run" />}
      {error !== undefined && <Refusal error={error} onRetry={reload} />}
      {data === undefined && error === undefined && <Skeleton lines={8} />}
      {data !== undefined && data.id === id && (
        <Run run={data} onStopped={(stopped) => set({ ...data, ...stopped })} onStale={reload} />
      )}
    </div>
  )
}

function Run({
  run,
  onStopped,
  onStale,
}: {
  readonly run: RunDetail
  onStopped(run: Partial<RunDetail>): void
  onStale(): void
}) {
  const { route } = useLocation()
  const [deleting, setDeleting] = useState(false)
  const question = questionOf(run)
  const refusal = refusalOf(run)
  const ended = hasEnded(run)

  const stop = async () => {
    onStopped(await api.post<Partial<RunDetail>>(`/api/runs/${run.id}/cancel`))
    onStale()
  }
  const remove = async () => {
    const { bytesErased } = await api.delete<{ readonly bytesErased: boolean }>(`/api/runs/${run.id}`)
    route('/history')
    toast(
      bytesErased
        ? 'Deleted. Its bytes are gone.'
        : 'Deleted. Its bytes may still lie, sealed, in the files of the database.',
    )
  }

  return (
    <>
      <PageHeader
        title={run.model}
        lead={
          <>
            <Tag kind={stateKinds[run.state]}>{stateNames[run.state]}</Tag> <Time at={run.createdAt} />
          </>
        }
        actions={
          <>
            {question !== undefined && (
              <a class="button primary" href={`/playground?run=${run.id}`}>
                Run again
              </a>
            )}
            {!ended && <Button onClick={() => void stop().catch(onStale)}>Stop</Button>}
            {ended && <Button onClick={() => setDeleting(true)}>Delete</Button>}
          </>
        }
      />
      {run.comparisonId !== null && <Siblings comparisonId={run.comparisonId} current={run.id} />}
      <WhatWasAsked run={run} question={question} />
      <section aria-labelledby="answer">
        <h2 id="answer">Answer</h2>
        {refusal !== undefined && <Refusal error={refusal} />}
        {run.output !== null && run.output !== '' && <Output label="The answer" text={run.output} growing={!ended} />}
        {(run.output === null || run.output === '') && refusal === undefined && (
          <p class="lead">{ended ? 'It ended before a word had come.' : 'Nothing has come yet.'}</p>
        )}
        {run.outputCut && <Notice kind="warning">The answer was longer than what is kept of one.</Notice>}
        {run.output !== null && run.output !== '' && (
          <div class="actions">
            <CopyButton text={run.output} label="Copy the answer" />
          </div>
        )}
      </section>
      <section aria-labelledby="figures">
        <h2 id="figures">What it took</h2>
        <RunFacts run={run} />
      </section>
      <ConfirmDelete
        open={deleting}
        title="Delete this run?"
        confirm="Delete the run"
        onConfirm={remove}
        onClose={() => setDeleting(false)}
      >
        <p>
          Its prompt, its answer and its words in your search are removed, and their bytes from the disk. What it cost
          leaves your usage too.
        </p>
      </ConfirmDelete>
    </>
  )
}

function Gone() {
  return (
    <div class="page">
      <PageHeader title="No such run" />
      <EmptyState
        title="There is no run here"
        action={
          <a class="button primary" href="/history">
            To your history
          </a>
        }
      >
        It was deleted, or the address is not one of yours.
      </EmptyState>
    </div>
  )
}
