import { Code } from '../components/code.tsx'
import { Output } from './output.tsx'
import { promptOf, type Question } from './question.ts'
import type { RunDetail } from './run-record.ts'

const roles = { user: 'You', assistant: 'The model' } as const

/** What a run was asked: as text where it was text, else as it was sent. */
export function WhatWasAsked({ run, question }: { readonly run: RunDetail; readonly question: Question | undefined }) {
  if (question === undefined) {
    return (
      <section aria-labelledby="asked">
        <h2 id="asked">Request</h2>
        <p class="lead">It has tools, images or the beginning of an answer: a program can ask it again.</p>
        <Code label="The request" text={JSON.stringify(JSON.parse(run.prompt), null, 2)} />
      </section>
    )
  }
  const earlier = question.messages.slice(0, -1)
  const { maxTokens, temperature, topP } = question.parameters
  const set = [
    temperature === undefined ? '' : `temperature ${temperature}`,
    topP === undefined ? '' : `top P ${topP}`,
    maxTokens === undefined ? '' : `at most ${maxTokens.toLocaleString('en')} tokens`,
  ].filter((part) => part !== '')
  return (
    <>
      {question.system !== undefined && (
        <section aria-labelledby="system">
          <h2 id="system">System prompt</h2>
          <Output label="The system prompt" text={question.system} growing={false} />
        </section>
      )}
      <section aria-labelledby="asked">
        <h2 id="asked">Prompt</h2>
        {earlier.length > 0 && (
          <ol class="conversation">
            {earlier.map(({ role, content }, index) => (
              <li key={index}>
                <p class="who">{roles[role]}</p>
                <p class="words">{content}</p>
              </li>
            ))}
          </ol>
        )}
        <Output label="The prompt" text={promptOf(question)} growing={false} />
        {set.length > 0 && <p class="lead">With {set.join(', ')}.</p>}
      </section>
    </>
  )
}
