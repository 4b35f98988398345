import { useEffect, useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { withQuery } from '../api/api.ts'
import { howLongAgo, Money } from '../components/amounts.tsx'
import { Button } from '../components/button.tsx'
import { PageHeader } from '../components/card.tsx'
import { EmptyState, Tag } from '../components/notice.tsx'
import { Skeleton } from '../components/skeleton.tsx'
import { type Asking, groupByDay } from '../prompting/group-runs.ts'
import { HistoryFilter } from '../prompting/history-filter.tsx'
import { Refusal } from '../prompting/refusal.tsx'
import { type ListedRun, providerNames, stateKinds, stateNames } from '../prompting/run-record.ts'
import { type RunFilter, useRunList } from '../prompting/use-run-list.ts'

/** What the user ran, newest first: to be searched, and to go on from. The filter stands in the address. */
export function Page() {
  const { query, route } = useLocation()
  const { q = '', state = '', provider = '', model = '' } = query
  const filter: RunFilter = { q, state, provider, model }
  const filtered = q + state + provider + model !== ''
  const list = useRunList(filter)
  const days = groupByDay(list.runs, Date.now())
  const change = (next: RunFilter) => route(withQuery('/history', { ...next }), true)

  return (
    <div class="page history">
      <PageHeader title="History" />
      {(filtered || list.runs.length > 0) && <HistoryFilter filter={filter} onChange={change} />}
      {!list.ready && list.error === undefined && <Skeleton lines={6} />}
      {list.ready &&
        list.runs.length === 0 &&
        (filtered ? <NothingFound onReset={() => route('/history', true)} /> : <NoRuns />)}
      {days.map(({ title, askings }) => (
        <section key={title} class="day" aria-label={title}>
          <h2>{title}</h2>
          <ul class="askings">
            {askings.map((asking) => (
              <li key={asking.id} class="asking">
                <AskingRow asking={asking} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      {list.error !== undefined && <Refusal error={list.error} onRetry={list.loadMore} />}
      {list.ready && list.more && list.error === undefined && <More pending={list.loading} onMore={list.loadMore} />}
    </div>
  )
}

function AskingRow({ asking: { excerpt, createdAt, runs } }: { readonly asking: Asking }) {
  const words = excerpt === null || excerpt.trim() === '' ? 'A prompt without words' : excerpt
  const [only] = runs
  return (
    <>
      <p class="excerpt">
        {runs.length === 1 && only !== undefined ? <a href={`/history/${only.id}`}>{words}</a> : words}
      </p>
      <time dateTime={new Date(createdAt).toISOString()} title={new Date(createdAt).toLocaleString('en')}>
        {howLongAgo(createdAt, Date.now())}
      </time>
      <ul class="asking-runs">
        {runs.map((run) => (
          <li key={run.id}>
            <RunLine run={run} linked={runs.length > 1} />
          </li>
        ))}
      </ul>
    </>
  )
}

function RunLine({ run, linked }: { readonly run: ListedRun; readonly linked: boolean }) {
  const { id, model, provider, state, outputTokens, costMicroUsd } = run
  return (
    <>
      {linked ? <a href={`/history/${id}`}>{model}</a> : <span>{model}</span>}
      <span>{providerNames[provider]}</span>
      {state !== 'succeeded' && <Tag kind={stateKinds[state]}>{stateNames[state]}</Tag>}
      {outputTokens !== null && <span class="number">{outputTokens.toLocaleString('en')} tokens</span>}
      {costMicroUsd !== null && <Money micros={costMicroUsd} />}
    </>
  )
}

/** Loads on as its place comes into view, and by its button. */
function More({ pending, onMore }: { readonly pending: boolean; onMore(): void }) {
  const end = useRef<HTMLDivElement>(null)
  const more = useRef(onMore)
  more.current = onMore
  const [near, setNear] = useState(false)
  useEffect(() => {
    if (end.current === null) return
    const observer = new IntersectionObserver(([entry]) => setNear(entry?.isIntersecting === true), {
      rootMargin: '400px',
    })
    observer.observe(end.current)
    return () => observer.disconnect()
  }, [])
  useEffect(() => {
    if (near && !pending) more.current()
  }, [near, pending])
  return (
    <div ref={end} class="more">
      <Button pending={pending} onClick={onMore}>
        Show more
      </Button>
    </div>
  )
}

function NoRuns() {
  return (
    <EmptyState
      title="Nothing has run yet"
      action={
        <a class="button primary" href="/playground">
          Open the playground
        </a>
      }
    >
      What you run is kept here, sealed and for you alone, until you delete it.
    </EmptyState>
  )
}

function NothingFound({ onReset }: { onReset(): void }) {
  return (
    <EmptyState title="Nothing found" action={<Button onClick={onReset}>Show everything</Button>}>
      A search finds whole words of prompts, and all of them have to be there.
    </EmptyState>
  )
}
