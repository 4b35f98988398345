import { useState } from 'preact/hooks'
import { api } from '../api/api.ts'
import { explain } from '../api/problem.ts'
import { Button } from '../components/button.tsx'
import { Notice } from '../components/notice.tsx'
import type { Verdict } from './answers.ts'

const faults = {
  edited: 'An entry was edited',
  dropped: 'Entries are missing',
  reordered: 'Entries were put in another order',
  inserted: 'An entry was put in',
  truncated: 'The end of a chain was cut off',
  rebuilt: 'A chain was written anew',
  checkpoint_broken: 'The checkpoints are not ours',
} as const

type Outcome = { readonly verdict: Verdict } | { readonly error: unknown }

/** Has every chain of the log verified, and says what came of it. */
export function VerifyLog() {
  const [pending, setPending] = useState(false)
  const [outcome, setOutcome] = useState<Outcome>()

  const verify = async () => {
    setPending(true)
    setOutcome(undefined)
    setOutcome(
      await api.post<Verdict>('/api/admin/audit/verify').then(
        (verdict) => ({ verdict }),
        (error: unknown) => ({ error }),
      ),
    )
    setPending(false)
  }

  return (
    <div class="stack">
      <div class="actions">
        <Button pending={pending} onClick={() => void verify()}>
          Verify the log
        </Button>
      </div>
      {outcome !== undefined && ('verdict' in outcome ? <Told verdict={outcome.verdict} /> : <Refused {...outcome} />)}
    </div>
  )
}

function Refused({ error }: { readonly error: unknown }) {
  return <Notice kind="error">{explain(error)}</Notice>
}

function Told({ verdict: { rows, chains, unwitnessed, fault } }: { readonly verdict: Verdict }) {
  if (fault === null) {
    return (
      <Notice kind="success" title="The log is whole">
        {rows?.toLocaleString('en')} entries in {chains?.toLocaleString('en')} chains are as they were written.{' '}
        {unwitnessed === 0
          ? 'All of them are behind a checkpoint.'
          : `${unwitnessed?.toLocaleString('en')} are newer than the last checkpoint.`}
      </Notice>
    )
  }
  const { kind, subjectId, seq, line } = fault
  return (
    <Notice kind="error" title={faults[kind]}>
      {line === null ? `Chain ${subjectId}, entry ${seq}.` : `From line ${line} of the checkpoints on.`} Keep the
      machine as it is, and follow the runbook for incidents.
    </Notice>
  )
}
