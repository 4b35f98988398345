import type { JSX } from 'preact'

interface Station {
  readonly title: string
  readonly text: string
  picture(): JSX.Element
}

const stations: readonly Station[] = [
  {
    title: 'You ask',
    text: 'In the playground, or with the client that your code uses already. One model, or four side by side.',
    picture: () => (
      <>
        <rect x="8" y="14" width="48" height="34" rx="5" />
        <path d="M8 23h48M16 33h18M16 40h11" />
        <circle class="lit" cx="45" cy="38" r="4" />
      </>
    ),
  },
  {
    title: 'Oort opens one key',
    text: 'Yours, for this run, noted in its ledger. Prompt and answer are sealed before they reach the disk.',
    picture: () => (
      <>
        <circle cx="32" cy="32" r="23" />
        <circle cx="32" cy="32" r="14" />
        <circle class="lit" cx="32" cy="29" r="4.5" />
        <path class="lit" d="M30 32h4l1.6 8h-7.2z" />
      </>
    ),
  },
  {
    title: 'The provider answers',
    text: 'That key’s own provider and no other host. The answer streams to you, with what it took and what it cost.',
    picture: () => (
      <>
        <path d="M18 45a10 10 0 0 1-1-19.9A15 15 0 0 1 46 22a11.5 11.5 0 0 1 1 23z" />
        <path d="M24 35h16" />
        <circle class="lit" cx="24" cy="35" r="3" />
        <circle class="lit" cx="32" cy="35" r="3" />
        <circle class="lit" cx="40" cy="35" r="3" />
      </>
    ),
  },
]

/** How a prompt travels, in three stations. The pictures say nothing that the words do not. */
export function Journey() {
  return (
    <ol class="journey">
      {stations.map(({ title, text, picture }) => (
        <li key={title}>
          <svg viewBox="0 0 64 64" width="88" height="88" aria-hidden="true">
            {picture()}
          </svg>
          <h3>{title}</h3>
          <p>{text}</p>
        </li>
      ))}
    </ol>
  )
}
