import { useSession } from '../api/session.tsx'
import { Cloud } from '../components/cloud.tsx'
import { Code } from '../components/code.tsx'
import { CurrentNotices } from '../home/current-notices.tsx'
import { Journey } from '../home/journey.tsx'
import { afterSignIn } from '../return-path.ts'

const promises = [
  {
    id: 'sealed',
    title: 'Sealed at rest',
    text: 'Keys, prompts, answers and addresses are encrypted with AES-256-GCM, each bound to its row and its owner. Moved anywhere else, they do not open.',
  },
  {
    id: 'deleted',
    title: 'Yours to remove',
    text: 'Delete a key and its bytes are gone from the database and its logs. Take everything with you as one archive, whenever you like.',
  },
  {
    id: 'accounted',
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
      <CurrentNotices />
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

      <section aria-labelledby="journey" class="band">
        <h2 id="journey">The way of a prompt</h2>
        <Journey />
      </section>

      <section aria-labelledby="promises" class="band">
        <h2 id="promises">What it promises</h2>
        <ul class="promises">
          {promises.map(({ id, title, text }) => (
            <li key={id}>
              <h3>
                <a href={`/security#${id}`}>{title}</a>
              </h3>
              <p>{text}</p>
            </li>
          ))}
        </ul>
        <p>
          Each promise is code, with a test that fails without it: <a href="/security">look them up</a>.
        </p>
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

      {status === 'out' && (
        <section aria-labelledby="begin" class="band closing">
          <h2 id="begin">Bring a key, and ask something</h2>
          <p>It takes an e-mail address, a password of 15 characters, and a key that you have.</p>
          <a class="button primary large" href="/sign-up">
            Open an account
          </a>
        </section>
      )}
    </div>
  )
}
