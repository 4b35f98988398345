/** Something that Oort promises, and where anybody can check it. Paths are those of the repository. */
export interface Promised {
  /** For links to it, such as `/security#sealed`. */
  readonly id: string
  readonly title: string
  readonly text: string
  /** The properties of SECURITY.md that it rests on; the tests' names carry them. */
  readonly properties: readonly string[]
  readonly code: readonly string[]
  readonly tests: readonly string[]
}

export const promises: readonly Promised[] = [
  {
    id: 'sealed',
    title: 'What you entrust to Oort is sealed',
    text: 'Provider keys, prompts, answers and e-mail addresses are encrypted with AES-256-GCM before they reach the disk, each value with a random nonce of its own. A value is bound to its table, column, row and owner: moved anywhere else, it does not open.',
    properties: ['K1', 'K2', 'K3', 'K4', 'K8'],
    code: ['core/crypto/aes-gcm.ts', 'core/crypto/keyring.ts', 'core/crypto/sealed.ts'],
    tests: [
      'tests/core/crypto/aes-gcm.test.ts',
      'tests/core/crypto/sealed.test.ts',
      'tests/core/crypto/keyring.test.ts',
    ],
  },
  {
    id: 'master-key',
    title: 'The master key can be changed, and a weak one is refused',
    text: 'Whoever runs Oort holds the master key, apart from the database. A rotation seals everything anew while Oort runs, can be killed at any point, and retires the old key. Production does not start with a missing, short or example key, nor with the wrong one.',
    properties: ['K5', 'K6', 'K7'],
    code: ['core/store/rekey.ts', 'core/crypto/unlock-keyring.ts', 'core/crypto/secret-strength.ts'],
    tests: [
      'tests/core/store/rekey.test.ts',
      'tests/core/crypto/unlock-keyring.test.ts',
      'tests/core/crypto/secret-strength.test.ts',
    ],
  },
  {
    id: 'yours-alone',
    title: 'Your records are reached by you alone',
    text: 'The owner is part of every statement that reads or changes a record. Somebody else’s record answers, byte for byte, like one that does not exist. Every route is tried as nobody, as another user, and as one who was suspended, deleted or demoted.',
    properties: ['Z1', 'Z3'],
    code: ['core/scope/user-scope.ts', 'core/scope/read-rows.ts', 'core/scope/write-rows.ts'],
    tests: [
      'tests/security/authorization.test.ts',
      'tests/security/mass-assignment.test.ts',
      'tests/core/scope/owner.test.ts',
    ],
  },
  {
    id: 'administrators',
    title: 'Administrators cannot read what you wrote',
    text: 'They see ids, counts and words of fixed sets: no prompt, answer, key, label or address. What they do to an account takes a reason, which stands in that account’s own log, and their role is read from the database at each request.',
    properties: ['Z2', 'D3'],
    code: ['core/scope/admin-scope.ts', 'core/accounts/describe-accounts.ts', 'functions/admin/index.ts'],
    tests: [
      'tests/functions/admin/canary.test.ts',
      'tests/functions/admin/users.test.ts',
      'tests/security/authorization.test.ts',
    ],
  },
  {
    id: 'accounted',
    title: 'What happened can be told, and not rewritten',
    text: 'Each sensitive change and each use of a key leaves an entry in a log that the database refuses to change. Entries are chained by keyed hashes; an edit, a gap, an insertion or a cut end is found and named.',
    properties: ['A1', 'A2'],
    code: ['core/audit/append-event.ts', 'core/audit/verify-chain.ts', 'core/audit/keep-checkpoints.ts'],
    tests: [
      'tests/core/audit/append-only.test.ts',
      'tests/core/audit/verify-chain.test.ts',
      'tests/core/audit/keep-checkpoints.test.ts',
    ],
  },
  {
    id: 'deleted',
    title: 'What you delete is gone',
    text: 'When a deletion is answered with “the bytes are gone”, they are in none of the database’s files. Deleting the account removes every record of yours and hands you a signed receipt. A backup that is restored deletes them once more.',
    properties: ['D1', 'D2'],
    code: ['core/store/sqlite/eraser.ts', 'core/scope/erase-account.ts', 'core/deletions/reapply.ts'],
    tests: [
      'tests/functions/keys/erasure.test.ts',
      'tests/functions/auth/delete-account.test.ts',
      'tests/infra/backup/restore-backup.test.ts',
    ],
  },
  {
    id: 'portable',
    title: 'You can take everything with you',
    text: 'One archive holds all that you own and no secret. It is signed, carries its own verifier, and is never at rest in plain text on the server.',
    properties: ['D3'],
    code: ['functions/export/write-archive.ts', 'core/export/verify.mjs'],
    tests: ['tests/functions/export/verify.test.ts', 'tests/functions/export/contents.test.ts'],
  },
  {
    id: 'quiet',
    title: 'Logs and error reports hold no secrets',
    text: 'Keys, passwords, cookies, prompts and addresses are in no log line, error message, audit entry or report of a fault. Canaries are planted, every error is driven, and every place that something could leak to is searched.',
    properties: ['D3', 'H4'],
    code: ['core/log.ts', 'core/describe-error.ts', 'core/faults/fault-event.ts'],
    tests: ['tests/security/leaks.test.ts', 'tests/core/log.test.ts', 'tests/security/errors.test.ts'],
  },
  {
    id: 'pinned',
    title: 'A key goes to its own provider and nowhere else',
    text: 'Nobody can name the host that a key is sent to, and redirects are not followed. A hostile provider is held to limits of time and memory, and what it sends back is recorded as what it was.',
    properties: ['X1'],
    code: ['core/providers/upstream.ts', 'core/providers/provider.ts'],
    tests: ['tests/core/providers/upstream.test.ts', 'tests/functions/runs/hostile-provider.test.ts'],
  },
  {
    id: 'sessions',
    title: 'Signing in is hard to fake and easy to end',
    text: 'Passwords are hashed with argon2id and checked against the commonest ones; passkeys and authenticator apps are there. A copied cookie is dead after sign-out, a new password, a suspension or a deletion, and other sites cannot act in your name.',
    properties: ['S1', 'S2', 'S3', 'S4', 'P1'],
    code: ['core/session/authenticate-session.ts', 'core/crypto/passwords.ts', 'core/http/csrf.ts'],
    tests: [
      'tests/functions/auth/sessions.test.ts',
      'tests/core/session/session-cookie.test.ts',
      'tests/core/crypto/passwords.test.ts',
      'tests/security/cross-site.test.ts',
    ],
  },
  {
    id: 'transport',
    title: 'The way in is encrypted and strict',
    text: 'TLS 1.3 alone, HSTS on every answer, and pages that may load nothing from elsewhere and run no inline script. Slow, oversized and malformed requests are cut off before they cost anything.',
    properties: ['H2', 'H3', 'N1', 'N2', 'N3'],
    code: ['Caddyfile', 'core/http/server-options.ts', 'core/pages/document.ts'],
    tests: [
      'tests/security/caddy/hold-caddyfile.ts',
      'tests/security/caddy/hold-transport.ts',
      'tests/security/sockets.test.ts',
      'tests/security/hostile-bodies.test.ts',
      'tests/security/proxies.test.ts',
    ],
  },
  {
    id: 'payments',
    title: 'Card numbers never reach Oort',
    text: 'Paying happens at Stripe. What Stripe tells us is believed for its signature, has one effect however often it arrives, and is sealed like everything else.',
    properties: ['W1', 'W2', 'W3'],
    code: ['functions/payments/receive-webhook.ts', 'core/plans/receive-payment-event.ts'],
    tests: [
      'tests/functions/payments/webhook-origin.test.ts',
      'tests/functions/payments/webhook-order.test.ts',
      'tests/functions/payments/crash.test.ts',
    ],
  },
]
