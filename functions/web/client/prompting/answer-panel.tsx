import { useEffect, useId, useState } from 'preact/hooks'
import { Button } from '../components/button.tsx'
import { CopyButton } from '../components/copy-button.tsx'
import { Tag } from '../components/notice.tsx'
import type { Answer } from './answer.ts'
import { FigureList } from './figure-list.tsx'
import { liveFigures } from './figures.ts'
import { Output } from './output.tsx'
import { Refusal } from './refusal.tsx'
import { hasEnded, type Model, providerNames, stateKinds, stateNames } from './run-record.ts'

/** One model's answer: what it says, what it takes while it does, and what can be done about it. */
export function AnswerPanel({
  answer,
  asked,
  model,
  onStop,
  onAskAgain,
}: {
  readonly answer: Answer
  /** How many characters were sent. */
  readonly asked: number
  readonly model: Model | undefined
  onStop(): void
  onAskAgain(): void
}) {
  const { run, text, ended, stopping, refusal } = answer
  const heading = useId()
  const now = useClock(!ended)
  const name = model?.id ?? run?.model ?? answer.model
  const provider = model?.provider ?? run?.provider
  const figures = liveFigures(answer, asked, model?.price ?? null, now)
  return (
    <article class="answer" aria-labelledby={heading}>
      <header>
        <div>
          <h3 id={heading}>{name}</h3>
          {provider !== undefined && <p class="provider">{providerNames[provider]}</p>}
        </div>
        <StateTag answer={answer} />
      </header>
      {(text !== '' || refusal === undefined) && <Output label={`Answer of ${name}`} text={text} growing={!ended} />}
      {refusal !== undefined && <Refusal error={refusal} onRetry={onAskAgain} />}
      <FigureList figures={figures} priced={model === undefined || model.price !== null} />
      <div class="actions">
        {ended ? (
          <Button onClick={onAskAgain}>Run again</Button>
        ) : (
          <Button pending={stopping} onClick={onStop}>
            Stop
          </Button>
        )}
        {text !== '' && ended && <CopyButton text={text} />}
        {run !== undefined && ended && (
          <a class="button quiet" href={`/history/${run.id}`}>
            Details
          </a>
        )}
      </div>
    </article>
  )
}

function StateTag({ answer: { run, text, ended, refusal, stopping } }: { readonly answer: Answer }) {
  const begun = text === '' ? 'Waiting' : 'Answering'
  if (!ended) return <Tag kind="accent">{stopping ? 'Stopping' : begun}</Tag>
  if (run !== undefined && hasEnded(run)) return <Tag kind={stateKinds[run.state]}>{stateNames[run.state]}</Tag>
  return refusal === undefined ? <Tag>Stopped</Tag> : <Tag kind="danger">Failed</Tag>
}

/** The browser's clock, read ten times a second while something is under way. */
function useClock(running: boolean): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!running) return
    const timer = setInterval(() => setNow(Date.now()), 100)
    return () => clearInterval(timer)
  }, [running])
  return now
}
