/** A page of the site. */
export interface Page {
  /** `:name` stands for one segment. */
  readonly path: string
  /** The file in client/pages that draws it, without its extension. */
  readonly entry: string
  readonly title: string
  /** One sentence, for search engines and previews. */
  readonly description: string
  /** Whom it is for: whoever is not signed in is sent to sign in, and whoever is has nothing to do on `guests`. */
  readonly for: 'everyone' | 'guests' | 'members'
  /** Its name in the navigation, where it is in it. */
  readonly nav?: string
  /** Its document holds what it says, for those without scripts: links to it load it, and the script takes it over. */
  readonly whole?: true
}

/** Every page: the operations that answer its document, the routes of the client and its navigation follow from this. */
export const pages: readonly Page[] = [
  {
    path: '/',
    entry: 'home',
    title: 'Oort: your keys, your prompts, your machine',
    description:
      'Run prompts with your own OpenAI, Anthropic and Cerebras keys, on a machine of yours, sealed at rest.',
    for: 'everyone',
  },
  {
    path: '/security',
    entry: 'security',
    title: 'Security · Oort',
    description: 'What Oort promises, the code and the test that hold each promise, and how to report a vulnerability.',
    for: 'everyone',
    nav: 'Security',
    whole: true,
  },
  {
    path: '/status',
    entry: 'status',
    title: 'Status · Oort',
    description: 'How each part of Oort is and was in the last 90 days, and what we tell of incidents.',
    for: 'everyone',
    nav: 'Status',
    whole: true,
  },
  {
    path: '/sign-in',
    entry: 'sign-in',
    title: 'Sign in · Oort',
    description: 'Sign in to your Oort account.',
    for: 'guests',
  },
  {
    path: '/sign-up',
    entry: 'sign-up',
    title: 'Open an account · Oort',
    description: 'Open an account on this Oort.',
    for: 'guests',
  },
  {
    path: '/verify-email',
    entry: 'verify-email',
    title: 'Confirm your e-mail address · Oort',
    description: 'Confirm the e-mail address of your Oort account.',
    for: 'everyone',
  },
  {
    path: '/reset-password',
    entry: 'reset-password',
    title: 'Reset your password · Oort',
    description: 'Choose a new password for your Oort account.',
    for: 'everyone',
  },
  {
    path: '/playground',
    entry: 'playground',
    title: 'Playground · Oort',
    description: 'Run prompts with your own keys, and compare up to four models side by side.',
    for: 'members',
    nav: 'Playground',
  },
  {
    path: '/history',
    entry: 'history',
    title: 'History · Oort',
    description: 'What you ran: search it, and go on from it.',
    for: 'members',
    nav: 'History',
  },
  {
    path: '/history/:id',
    entry: 'run',
    title: 'A run · Oort',
    description: 'What was asked, what came of it, what it took, and which key paid.',
    for: 'members',
  },
  {
    path: '/usage',
    entry: 'usage',
    title: 'Usage · Oort',
    description: 'Runs, tokens, cost and latency over time, by model and by provider.',
    for: 'members',
    nav: 'Usage',
  },
  {
    path: '/keys',
    entry: 'keys',
    title: 'Keys · Oort',
    description: 'The provider keys that you brought, and the API keys of your programs.',
    for: 'members',
    nav: 'Keys',
  },
  {
    path: '/account',
    entry: 'account',
    title: 'Account · Oort',
    description: 'Sessions, password, second factor, passkeys, export, audit log and deletion.',
    for: 'members',
  },
  {
    path: '/account/deleted',
    entry: 'account-deleted',
    title: 'Account deleted · Oort',
    description: 'The receipt of a deleted account.',
    for: 'everyone',
  },
  {
    path: '/plan',
    entry: 'plan',
    title: 'Plan · Oort',
    description: 'Your plan, what it allows, and what you have used of it.',
    for: 'members',
  },
  {
    path: '/billing',
    entry: 'billing',
    title: 'Billing · Oort',
    description: 'What came of the checkout, and your plan now.',
    for: 'members',
  },
]

/** What is drawn at an address that has no page. */
export const notFound: Page = {
  path: '*',
  entry: 'not-found',
  title: 'Not found · Oort',
  description: 'There is nothing at this address.',
  for: 'everyone',
}
