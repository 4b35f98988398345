import { useSession } from '../api/session.tsx'
import { Cloud } from '../components/cloud.tsx'
import { Code } from '../components/code.tsx'
import { afterSignIn } from '../return-path.ts'

const promises = [
  {
    title: 'Sealed at rest',
    text: 'Keys, prompts, answers and addresses are encrypted with AES-256-GCM, each bound to its row and its owner. Moved anywhere else, they do not open.',
  },
  {
    title: 'Yours to remove',
    text: 'Delete a key and its bytes are gone from the database and its logs. Take everything with you as one archive, whenever you like.',
  },
  {
    title: 'Accounted for',
    text: 'Each use of a key is in its ledger, each sensitive change in an append-only log whose every entry is chained to the one before.',
  },
] as const

const sample = `const openai = new OpenAI({
  baseURL: '${location.origin}/v1',
  apiKey: 'oort_…',
})`

/** What Oort is, for somebody who has just arrived. */
export function Page() {
  const { status } = useSession()
  const begin = afterSignIn(undefined)
  return (
    <div class="home">
      <section class="hero">
        <div class="hero-text">
          <h1>Your keys. Your prompts. Your machine.</h1>
          <p class="lead">
            Oort runs prompts with your own OpenAI, Anthropic and Cerebras keys, shows what each answer took and cost,
            and keeps all of it sealed where you put it.
          </p>
          <div class="actions">
            {status !== 'in' && (
              <a class="button primary large" href="/sign-up">
                Open an account
              </a>
            )}
            {status === 'out' && (
              <a class="button secondary large" href="/sign-in">
                Sign in
              </a>
            )}
            {status === 'in' && begin !== '/' && (
              <a class="button primary large" href={begin}>
                Go on
              </a>
            )}
          </div>
        </div>
        <Cloud />
      </section>

      <section aria-labelledby="promises" class="band">
        <h2 id="promises">What it promises</h2>
        <ul class="promises">
          {promises.map(({ title, text }) => (
            <li key={title}>
              <h3>{title}</h3>
              <p>{text}</p>
            </li>
          ))}
        </ul>
      </section>

      <section aria-labelledby="clients" class="band split">
        <div>
          <h2 id="clients">Your code stays as it is</h2>
          <p>
            The providers’ own clients work by changing base URL and key, streaming included. The model’s name chooses
            the provider, and each run records which key paid.
          </p>
        </div>
        <Code label="The OpenAI client with Oort" text={sample} />
      </section>
    </div>
  )
}
