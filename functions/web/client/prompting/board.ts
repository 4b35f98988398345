import { api } from '../api/api.ts'
import { ApiError } from '../api/problem.ts'
import { type StreamedEvent, stream } from '../api/stream.ts'
import { type Answer, answerOf, freshAnswer, take } from './answer.ts'
import { follow, newestRuns, readBoard, rememberBoard } from './board-memory.ts'
import { bodyOf, type Question, questionOf } from './question.ts'
import { hasEnded, isOf, type Model, nameOf, type Run } from './run-record.ts'

/** What stands on the board: one question, and one to four answers to it. */
export interface BoardState {
  readonly question: Question | undefined
  readonly answers: readonly Answer[]
  /** Why none of them came about. */
  readonly refusal: unknown
}

export interface Asked {
  readonly question: Question
  readonly models: readonly string[]
}

export interface Board {
  /** Asks up to four models. What is under way on the board is ended first: it would cost, and nobody would see it. */
  ask(question: Question, models: readonly string[]): Promise<void>
  /** Asks one model once more, in its place. */
  askAgain(index: number): void
  /** Ends one answer, or all that are under way. */
  stop(index?: number): void
  /**
   * Finds what was on the board when this page was left, and resolves with what was asked there, and whom. What was
   * asked meanwhile keeps its place.
   */
  restore(models: readonly Model[]): Promise<Asked | undefined>
  /** Stops following; the runs go on. */
  leave(): void
}

/** Told often: the pieces of an answer come faster than a screen is worth drawing. */
const drawEveryMs = 50

/**
 * Runs that go on without this page (`keepRunning`), followed as long as it is there. `show` is told of each change, at
 * most every `drawEveryMs`.
 */
export function createBoard(show: (state: BoardState) => void): Board {
  let state: BoardState = { question: undefined, answers: [], refusal: undefined }
  let gone = new AbortController()
  let drawing: ReturnType<typeof setTimeout> | undefined

  const draw = (now = false): void => {
    if (now) {
      clearTimeout(drawing)
      drawing = undefined
      show(state)
    } else {
      drawing ??= setTimeout(() => draw(true), drawEveryMs)
    }
  }
  const put = (index: number, answer: Answer): void => {
    const known = state.answers[index]
    state = { ...state, answers: state.answers.with(index, answer) }
    if (known?.run?.id !== answer.run?.id) rememberBoard(state.answers)
    if (answer.run !== undefined && known?.run === undefined && answer.stopping && !answer.ended) {
      void cancel(answer.run.id)
    }
    draw(answer.ended)
  }
  /** The place of an event: that of its run or, for the first of a run, that of its model. */
  const placeOf = ({ data }: StreamedEvent): number => {
    const { runId, run } = data as { readonly runId: string; readonly run?: Run }
    const known = state.answers.findIndex((answer) => answer.run?.id === runId)
    if (known !== -1 || run === undefined) return known
    return state.answers.findIndex((answer) => answer.run === undefined && isOf(run, answer.model))
  }
  const on = (event: StreamedEvent): void => {
    const index = placeOf(event)
    const answer = state.answers[index]
    if (answer !== undefined) put(index, take(answer, event, Date.now()))
  }
  const refuse = (index: number, error: unknown): void => {
    const answer = state.answers[index]
    if (answer === undefined) return
    const refusal = error instanceof ApiError ? error : new ApiError({ code: 'INTERNAL', message: 'This page failed' })
    put(index, { ...answer, ended: true, refusal: refusal.code === 'RUN_CANCELLED' ? undefined : refusal })
  }
  const followAt = async (index: number, runId: string, signal: AbortSignal): Promise<void> => {
    try {
      await follow(runId, { signal, on, ended: () => state.answers[index]?.ended !== false })
    } catch (error) {
      if (!signal.aborted) refuse(index, error)
    }
  }

  /** Posts, and reads the answers to their end; where the connection breaks, they are followed. */
  const listen = async (path: string, body: object, places: readonly number[]): Promise<void> => {
    const { signal } = gone
    try {
      for await (const event of stream.post(path, body, { signal })) on(event)
    } catch (error) {
      // No run was begun that could be found here after signing in again.
      if (error instanceof ApiError && error.code === 'UNAUTHENTICATED') {
        rememberBoard(state.answers.filter(({ run }) => run !== undefined))
      }
      if (signal.aborted) return
      if (error instanceof ApiError && error.code !== 'UNREACHABLE') return await refuseAll(places, error)
    }
    if (places.every((index) => state.answers[index]?.ended)) return
    await nameWaiting(places)
    await Promise.all(
      places.map((index) => {
        const { run, ended } = state.answers[index] ?? {}
        if (ended) return undefined
        return run === undefined ? refuse(index, lost) : followAt(index, run.id, signal)
      }),
    )
  }
  /** A run that its provider refused stands in the history all the same. */
  const refuseAll = async (places: readonly number[], error: ApiError): Promise<void> => {
    const [only, ...others] = places
    if (only === undefined || others.length > 0) {
      state = { ...state, answers: [], refusal: error }
      rememberBoard([])
      return draw(true)
    }
    const { runId } = error
    const run = runId === undefined ? undefined : await api.get<Run>(`/api/runs/${runId}`).catch(() => undefined)
    const answer = state.answers[only]
    if (answer !== undefined && run !== undefined) put(only, { ...answer, run })
    refuse(only, error)
  }
  /** A run that waits for its provider is not named yet to who asked for it: it is looked for. */
  const nameWaiting = async (places: readonly number[]): Promise<void> => {
    const waiting = [...(await newestRuns('streaming').catch(() => []))]
    for (const index of places) {
      const answer = state.answers[index]
      if (answer === undefined || answer.ended || answer.run !== undefined) continue
      const named = new Set(state.answers.map(({ run }) => run?.id))
      const run = waiting.find((each) => !named.has(each.id) && isOf(each, answer.model))
      if (run !== undefined) put(index, { ...answer, run })
    }
  }

  const cancel = async (runId: string): Promise<void> => {
    const run = await api.post<Run>(`/api/runs/${runId}/cancel`).catch(() => undefined)
    const index = state.answers.findIndex((answer) => answer.run?.id === runId)
    const answer = state.answers[index]
    if (answer === undefined || answer.ended) return
    if (run !== undefined && hasEnded(run)) put(index, { ...answer, run, ended: true })
    else put(index, { ...answer, stopping: false })
  }
  const begin = (next: BoardState): void => {
    gone.abort()
    gone = new AbortController()
    state = next
    rememberBoard(state.answers)
    draw(true)
  }

  return {
    async ask(question, models) {
      const now = Date.now()
      const unfinished = state.answers.filter(({ ended }) => !ended)
      begin({ question, answers: models.map((model) => freshAnswer(model, now)), refusal: undefined })
      const { signal } = gone
      await Promise.all(unfinished.map(({ run }) => run && cancel(run.id)))
      if (signal.aborted) return
      const [model] = models
      const body = { ...bodyOf(question), keepRunning: true }
      if (models.length === 1) await listen('/api/runs', { model, ...body }, [0])
      else await listen('/api/runs/compare', { models, ...body }, [...models.keys()])
    },
    askAgain(index) {
      const { question, answers } = state
      const answer = answers[index]
      if (question === undefined || answer === undefined) return
      put(index, freshAnswer(answer.model, Date.now()))
      draw(true)
      void listen('/api/runs', { model: answer.model, ...bodyOf(question), keepRunning: true }, [index])
    },
    stop(only) {
      const waiting: number[] = []
      for (const [index, answer] of state.answers.entries()) {
        if (answer.ended || answer.stopping || (only !== undefined && only !== index)) continue
        state = { ...state, answers: state.answers.with(index, { ...answer, stopping: true }) }
        if (answer.run === undefined) waiting.push(index)
        else void cancel(answer.run.id)
      }
      draw(true)
      if (waiting.length > 0) void nameWaiting(waiting)
    },
    async restore(models) {
      const { signal } = gone
      const details = await readBoard()
      const [first] = details
      if (signal.aborted || first === undefined) return undefined
      const question = questionOf(first)
      const answers = details.map((detail) => answerOf(nameOf(detail, models), detail, detail.output))
      begin({ question, answers, refusal: undefined })
      for (const [index, { ended, run }] of answers.entries()) {
        if (!ended && run !== undefined) void followAt(index, run.id, gone.signal)
      }
      return question === undefined ? undefined : { question, models: answers.map(({ model }) => model) }
    },
    leave() {
      gone.abort()
      clearTimeout(drawing)
    },
  }
}

const lost = new ApiError({ code: 'UNREACHABLE', message: 'The connection broke. The run may stand in your history' })
