import { absent, held, read, unmet, type Verdict } from './verdict.ts'

/** The same verdict for each requirement from one number to another of a section, such as 10.4 from 1 to 16. */
function each(section: string, first: number, last: number, verdict: Verdict): Readonly<Record<string, Verdict>> {
  return Object.fromEntries(Array.from({ length: last - first + 1 }, (_, at) => [`${section}.${first + at}`, verdict]))
}

const headers = 'security/caddy/hold-caddyfile.ts › headers › H2 H3 %s (%i) carries each security header once'
const crossSite = 'security/cross-site.test.ts › S4 a request from another site is refused and nothing is written › %s'
const cookie =
  'functions/auth/sessions.test.ts › S3 the session cookie › is bound to this host, TLS and HTTP, is kept from other sites, and is small'
const deviceCookie =
  'functions/auth/new-device.test.ts › the cookie is bound to this host and TLS, is out of reach of scripts, and lasts a year'
const bodies = 'security/mass-assignment.test.ts › Z3 no body sets what is not asked for › %s'
const queries = 'security/mass-assignment.test.ts › Z3 no query sets what is not asked for › %s'
const nobody = 'security/authorization.test.ts › Z1 who is nobody gets 401 › %s'
const foreign =
  'security/authorization.test.ts › Z1 a foreign record answers exactly like a missing one, and stays › %s'
const demoted =
  'security/authorization.test.ts › Z2 a role that was taken away is gone at the next request, with the old cookie too › %s'
const suspended =
  'functions/admin/users.test.ts › S1 a suspension › holds at once: for sessions, API keys and runs under way'
const proxies = 'security/proxies.test.ts › N3 behind no proxy › nothing that a caller says of its address counts'
const behindCaddy =
  'security/caddy/hold-caddyfile.ts › what reaches the router › N3 the router learns the address of the client from Caddy alone'
const leaks =
  'security/leaks.test.ts › D3 › no key, password, cookie, prompt or address is in any sink after every error that a caller can bring about'
const logs = 'core/log.test.ts › D3 no value reaches the log › %s'
const markup = 'core/pages/document.test.ts › no text can become markup'
const dangerous = 'architecture/dangerous.test.ts › V1 what is dangerous is used nowhere, or where it is said'
const cryptography = 'architecture/dangerous.test.ts › V1 cryptography'
const contained =
  'stack/containment.test.ts › a contained stack › %s has no root, no capability, no way to gain one, and a root file system it cannot write'
const image =
  'stack/containment.test.ts › a contained stack › the image holds what runs and nothing else, in less than 200 MB'
const guessing =
  'functions/auth/sign-in.test.ts › signing in › P2 is limited for an account, known or not, before a password is hashed'
const changed =
  'functions/auth/password.test.ts › changing the password › takes the current one, ends every other session, keeps this one and tells the owner'
const badSeal =
  'core/session/session-cookie.test.ts › the session cookie › S2 a seal %s, made with our own secret, is no session'
const badLink =
  'functions/auth/sign-up.test.ts › signing up with a mail server › refuses a link that was used, has expired, was withdrawn or is for another purpose'
const codeOnce =
  'functions/auth/second-factor.test.ts › a code is asked for after the right password alone, and counts once'
const recoveryOnce =
  'functions/auth/recovery-codes.test.ts › one stands in for a code of the app, once, and its use is told and written down'
const unforeseen =
  'security/errors.test.ts › H4 what nobody foresaw (%s) is INTERNAL, and its text is in no answer and no log'
const pinned = 'core/providers/adapters.test.ts › X1 a key reaches the listener of its own provider and no other'
const redirects = 'core/providers/upstream.test.ts › X1 hosts › X1 a redirect of %s is refused, not followed'
const untyped = 'security/hostile-bodies.test.ts › N2 a hostile body is refused and reaches no handler › %s'

/** How Oort stands to each requirement. Read the test before you name it: it has to fail when the requirement does. */
export const verdicts: Readonly<Record<string, Verdict>> = {
  '1.1.1': read('Fastify decodes addresses and core/http/json-body.ts bodies, once, before the schema looks at them.'),
  '1.1.2': read(
    'core/pages/markup.ts escapes as a document is put together; drizzle binds values; bodies are serialised by schema.',
  ),
  '1.2.1': held(markup),
  '1.2.2': held(
    'core/incidents/incidents.test.ts › what everybody will read is plain text › and %s is no place of a post-mortem',
    'core/providers/upstream.test.ts › X1 hosts › X1 the path %j is refused before anything is sent',
  ),
  '1.2.3': read(
    'JSON is written by serialisers alone; no script is built from data, and the policy lets none run inline.',
  ),
  '1.2.4': read(
    'Every statement is built by drizzle with bound values; functions cannot reach it (tests/architecture/imports.test.ts).',
  ),
  '1.2.5': held(`${dangerous} › nothing that serves starts a process`),
  '1.2.6': absent('No LDAP.'),
  '1.2.7': absent('No XPath.'),
  '1.2.8': absent('No LaTeX.'),
  '1.2.9': held(`${dangerous} › expressions are built of words of ours`),
  '1.2.10': absent('Nothing is exported as CSV or to a spreadsheet.'),
  '1.3.1': absent('No HTML is taken from anybody: texts are shown as text.'),
  '1.3.2': held(`${dangerous} › nothing evaluates text, but what loads our own code`),
  '1.3.3': held(
    'core/mail/mailer.test.ts › an address goes out as one recipient, whatever it looks like',
    'functions/export/verify.test.ts › names of files cannot write to the terminal of whoever checks',
  ),
  '1.3.4': absent('No SVG is taken from anybody.'),
  '1.3.5': absent('No template language, Markdown or style is taken from anybody.'),
  '1.3.6': held(
    pinned,
    'core/providers/upstream.test.ts › X1 hosts › X1 the path %j is refused before anything is sent',
    'core/incidents/probes.test.ts › what is probed › X1 each at its pinned origin, without a key',
  ),
  '1.3.7': read('Templates are literals of the source (core/pages/markup.ts); none is built from data.'),
  '1.3.8': absent('No JNDI.'),
  '1.3.9': absent('No memcache.'),
  '1.3.10': held(logs),
  '1.3.11': held('core/mail/mailer.test.ts › an address goes out as one recipient, whatever it looks like'),
  '1.3.12': unmet(
    'Nothing checks expressions for backtracking; those on input are anchored and their input is bounded.',
  ),
  ...each('1.4', 1, 3, read('JavaScript is memory-safe; native code is Node’s, SQLite’s and OpenSSL’s alone.')),
  '1.5.1': read('The S3 client alone parses XML, of the bucket for backups; its parser resolves no external entities.'),
  '1.5.2': held(untyped),
  '1.5.3': held('core/http/strict-json.test.ts › finds every repeated key, wherever it stands and however it is spelt'),

  '2.1.1': held(
    'functions/web/web.test.ts › the description of the API › holds every operation of the host, under an id of its own',
  ),
  '2.1.2': unmet('Checks across members stand in code and its docstrings, not in a document.'),
  '2.1.3': unmet(
    'Limits stand in functions/auth/limits.ts, core/plans and the summaries of operations, not in one document.',
  ),
  '2.2.1': held(untyped, bodies, queries),
  '2.2.2': held(bodies, queries),
  '2.2.3': held(
    'functions/keys/add-key.test.ts › adding a key › X1 refuses a key of another provider and names whose it looks like',
  ),
  '2.3.1': held(
    'functions/auth/sign-up.test.ts › signing up with a mail server › opens the account only after the mailed link and the password',
    codeOnce,
  ),
  '2.3.2': held(
    'functions/payments/limits.test.ts › runs against a plan › are refused when the month’s are used up: no key is opened and no provider is asked',
    'functions/keys/add-key.test.ts › adding a key › holds at most 50 keys, also when 60 arrive at once',
  ),
  '2.3.3': held(
    'core/store/store.test.ts › a unit that fails is rolled back alone',
    'core/scope/guards.test.ts › a unit of work › whose first change fails takes its others along, even those still under way',
  ),
  '2.3.4': held(
    'core/plans/reserve-run.test.ts › a plan is not exceeded › by 50 runs at once: as many are admitted as may be under way',
    'core/plans/reserve-run.test.ts › a plan is not exceeded › by the month’s last run, asked for ten times at once',
  ),
  '2.3.5': unmet('An administrator acts alone, with a fresh proof and a reason that the audit log keeps.'),
  '2.4.1': held(
    guessing,
    'functions/runs/early-end.test.ts › a user has at most 64 runs under way, and as many again when they have ended',
    'functions/keys/add-key.test.ts › checking a key while it is added › is limited for each user: the 31st check of a minute is refused',
  ),
  '2.4.2': unmet('Calls are limited in number, not in pace.'),

  '3.1.1': unmet('What a browser must have is not documented.'),
  '3.2.1': held(
    headers,
    'functions/export/delivery.test.ts › a download › is an attachment that nobody caches, taken once, and is written down',
  ),
  '3.2.2': held(`${dangerous} › no page puts text into a document as markup`),
  '3.2.3': read('Scripts are strict modules with typed, declared names; nothing is looked up by name on the document.'),
  '3.3.1': held(cookie, deviceCookie),
  '3.3.2': held(cookie),
  '3.3.3': held(cookie, deviceCookie),
  '3.3.4': held(cookie, deviceCookie),
  '3.3.5': held(
    'core/session/session-cookie.test.ts › the session cookie › S2 is far below the 4,096 bytes that browsers keep',
  ),
  '3.4.1': held(
    headers,
    'attacks/transport.test.ts › H2 H4 every answer, found by links or in the table of routes, has its HSTS, and every error is a problem that tells nothing',
  ),
  '3.4.2': held('security/cross-site.test.ts › S4 no answer invites other origins'),
  '3.4.3': held('security/policy.test.ts › H3 a Content-Security-Policy of ours › %s', headers),
  '3.4.4': held(headers),
  '3.4.5': held(headers),
  '3.4.6': held(headers),
  '3.4.7': unmet('The policy names no place to report to: reports would hold addresses.'),
  '3.4.8': held(headers),
  '3.5.1': held(crossSite),
  '3.5.2': held(crossSite),
  '3.5.3': read(
    'GET changes nothing, but that the download of an export is used up: it needs the session that asked for it.',
  ),
  '3.5.4': read(
    'One application on one host; pages of administrators are an application of their own on the same host.',
  ),
  '3.5.5': held(`${dangerous} › no page listens to other windows`),
  '3.5.6': absent('No JSONP.'),
  '3.5.7': read('Scripts are files of the build, the same for everybody (functions/web/send-asset.ts).'),
  '3.5.8': held(headers),
  '3.6.1': held(
    'core/pages/document.test.ts › H3 a document holds no inline script, no inline style and no address of another site',
  ),
  '3.7.1': absent('HTML, CSS and modules alone; no plugin.'),
  '3.7.2': held('browser/admin.test.ts › signing in leads to a page of administrators, and to no other site'),
  '3.7.3': unmet('A button leads to Stripe’s page without a further question.'),
  '3.7.4': unmet('The domain is the operator’s; the header says preload, the list is theirs to join.'),
  '3.7.5': unmet('A browser without the features is not warned; one without scripts is told so.'),

  '4.1.1': read(
    'core/http and core/pages set type and charset by the schema of the answer; tests look at some of them.',
  ),
  '4.1.2': held(
    'security/caddy/hold-transport.ts › TLS › H2 what a program sends in plain HTTP is refused, not redirected: a key in the clear is noticed',
  ),
  '4.1.3': held(behindCaddy, proxies),
  '4.1.4': held(
    'security/errors.test.ts › H4 what is no request for an operation › every address answers the methods that it has none of with 405 and those that it has',
    'security/errors.test.ts › H4 what is no request for an operation › a method that nothing here has is refused',
  ),
  '4.1.5': held(
    'functions/payments/webhook-origin.test.ts › W2 a delivery is refused, and nothing is written › with any one byte changed',
  ),
  '4.2.1': held(
    'attacks/smuggling.test.ts › N3 of … framings that could be read in two ways, none smuggles a request, …',
    'security/sockets.test.ts › H4 what Node cannot read is answered with a problem document, once, and the connection ends › %s',
  ),
  '4.2.2': read('Fastify counts the bytes that it sends; streams go out in chunks.'),
  ...each('4.2', 3, 4, absent('Neither HTTP/2 nor HTTP/3 is spoken.')),
  '4.2.5': read('Paths are constants and keys are bounded (core/providers).'),
  ...each('4.3', 1, 2, absent('No GraphQL.')),
  ...each('4.4', 1, 4, absent('No WebSocket.')),

  '5.1.1': absent('No files are taken.'),
  ...each(
    '5.2',
    1,
    6,
    absent('No files are taken: an image in a prompt goes to its provider unopened, within the bound of bodies (N2).'),
  ),
  '5.3.1': absent('No files are taken, and none is made in a public folder.'),
  '5.3.2': held(
    'security/caddy/hold-caddyfile.ts › what reaches the router › static files are served from their directory alone',
  ),
  '5.3.3': absent('The server unpacks nothing; the verifier of exports reads archives in memory.'),
  '5.4.1': held(
    'functions/export/delivery.test.ts › a download › is an attachment that nobody caches, taken once, and is written down',
  ),
  '5.4.2': read('The one name served is made of words of ours and a date.'),
  '5.4.3': absent('No files of others are served.'),

  '6.1.1': read(
    'SECURITY.md (P2) and the docstrings of functions/auth/limits.ts say how tries are counted, and why nobody is locked out.',
  ),
  '6.1.2': read(
    'functions/auth/refuse-weak-password.ts: the address and its first part; core/crypto/common-passwords.ts.',
  ),
  '6.1.3': read('SECURITY.md, “Sessions and accounts”, names each way to sign in and what it proves.'),
  '6.2.1': held(
    'core/crypto/passwords.test.ts › a new password › P1 needs 15 characters, counted as people count them after normalisation',
  ),
  '6.2.2': held(changed),
  '6.2.3': held(changed),
  '6.2.4': held('core/crypto/passwords.test.ts › a new password › P1 is none of the 3,000 commonest'),
  '6.2.5': held(
    'core/crypto/passwords.test.ts › a new password › P1 meets no rule of composition: words, 64 characters and Unicode pass',
  ),
  '6.2.6': read('functions/web/client/components/field.tsx: masked, and shown while somebody asks for it.'),
  '6.2.7': read('functions/web/client/components/field.tsx: plain fields with the names that password managers know.'),
  '6.2.8': held('core/crypto/passwords.test.ts › a password hash › is verified by its own password and by no other'),
  '6.2.9': held(
    'core/crypto/passwords.test.ts › a password hash › P1 takes 64 characters, Unicode and either way to write an accent',
  ),
  '6.2.10': read('Nothing makes a password expire.'),
  '6.2.11': held('core/crypto/passwords.test.ts › a new password › P1 is not what the attacker knows of this account'),
  '6.2.12': unmet(
    'The commonest passwords and what guessers make of them are refused; no set of breached passwords is asked.',
  ),
  '6.3.1': held(
    guessing,
    'functions/auth/sign-in.test.ts › signing in › P2 one address cannot shut the owner at another out, all addresses together are limited',
    'functions/auth/sign-in.test.ts › signing in › P2 is limited for an address, whatever the account',
  ),
  '6.3.2': read('A new database has no account; the first administrator is made at the console.'),
  '6.3.3': unmet('A second factor is offered, and not demanded of anybody.'),
  '6.3.4': held(
    'functions/auth/second-factor.test.ts › every proof of the owner asks for the code too',
    'functions/auth/password.test.ts › resetting the password › leaves the second factor in force',
  ),
  '6.3.5': held(
    'functions/auth/new-device.test.ts › a sign-in from a browser that the account was not used from is told: which, when, and no token',
  ),
  '6.3.6': unmet('A mailed link replaces a forgotten password; where there is a second factor, it stays in force.'),
  '6.3.7': held(
    changed,
    'functions/auth/recovery-codes.test.ts › one helps after a reset of the password, to change it, and to delete the account, of which the owner is told',
  ),
  '6.3.8': unmet(
    'Kept with a mail server, and tested (P2, functions/auth/sign-up.test.ts); without one sign-up tells whether an address has an account.',
  ),
  '6.4.1': held(
    badLink,
    'core/crypto/tokens.test.ts › a link token holds 256 random bits in characters that a URL takes as they are',
  ),
  '6.4.2': absent('No hints, no questions.'),
  '6.4.3': held('functions/auth/password.test.ts › resetting the password › leaves the second factor in force'),
  '6.4.4': read('A recovery code beside the password is the one way; nobody takes a factor away on request.'),
  '6.4.5': absent('No factor expires.'),
  '6.4.6': unmet('Administrators can end sessions and suspend; only the owner begins a reset.'),
  '6.5.1': held(codeOnce, recoveryOnce, badLink),
  '6.5.2': held(
    'functions/auth/recovery-codes.test.ts › ten of 120 bits come with the second factor, are readable and differ, and only their hashes are kept',
  ),
  '6.5.3': held(
    `${cryptography} › guesses nothing: chance without a secret only spreads pauses`,
    'core/crypto/totp.test.ts › a second-factor secret › holds 160 random bits in base32',
  ),
  '6.5.4': held(
    'functions/auth/recovery-codes.test.ts › ten of 120 bits come with the second factor, are readable and differ, and only their hashes are kept',
  ),
  '6.5.5': unmet(
    'A code of an app is taken one step early or late, for 90 seconds in all; a mailed link to a new password lives an hour.',
  ),
  '6.5.6': held(
    'functions/auth/second-factor.test.ts › a second factor goes with password and code, and signing in takes the password alone again',
    'functions/auth/add-passkey.test.ts › adding a passkey › $algorithm, attestation $attestation: is added, listed, relabelled, signs in and is removed',
  ),
  '6.5.7': read('A finger or a face only opens an authenticator: what Oort checks is its signature.'),
  '6.5.8': held(
    'core/crypto/totp.test.ts › a second-factor code › is accepted one step early or late, still as the code of its own step, and no further away',
  ),
  '6.6.1': absent('No phone, no SMS.'),
  '6.6.2': held(
    badLink,
    'functions/auth/add-passkey.test.ts › adding a passkey › refuses a challenge of another session, of another purpose, used before or five minutes old',
  ),
  '6.6.3': held(
    'core/crypto/tokens.test.ts › a link token holds 256 random bits in characters that a URL takes as they are',
  ),
  '6.6.4': absent('No push notifications.'),
  '6.7.1': read(
    'Public keys of passkeys are rows that the owner’s scope alone writes, each change with its audit entry.',
  ),
  '6.7.2': read(
    'core/accounts/passkey-challenge.ts: random, sealed for one purpose and one session, five minutes, once.',
  ),
  ...each('6.8', 1, 4, absent('No identity provider.')),

  '7.1.1': read('SECURITY.md (S3): 12 hours idle, 14 days in all.'),
  '7.1.2': unmet('Neither limited nor documented: an account may have any number of sessions.'),
  '7.1.3': absent('No federation.'),
  '7.2.1': held(badSeal, 'functions/auth/sessions.test.ts › S1 a copied cookie is dead › %s'),
  '7.2.2': held('functions/auth/sessions.test.ts › S1 a copied cookie is dead › %s'),
  '7.2.3': read(
    'The cookie is sealed under the session secret (AES-256, HMAC-SHA-256); the id of the row that it names is no secret.',
  ),
  '7.2.4': unmet(
    'Signing in begins a new session and leaves others as they are; proving anew renews the session’s proof, not its token.',
  ),
  '7.3.1': held('functions/auth/sessions.test.ts › S3 the session cookie › lives 12 hours without use, and no longer'),
  '7.3.2': held(
    'functions/auth/sessions.test.ts › S3 the session cookie › lives 14 days in all, however much it is used',
  ),
  '7.4.1': held('functions/auth/sessions.test.ts › S1 a copied cookie is dead › %s'),
  '7.4.2': held(suspended, 'functions/auth/sessions.test.ts › S1 a copied cookie is dead › %s'),
  '7.4.3': held(
    changed,
    'browser/account-page.test.ts › sessions › this browser is marked, another one is signed out from here, and then all of them',
  ),
  '7.4.4': held('browser/account.test.ts › without a mail server › one signs up, out, and in again'),
  '7.4.5': held(
    'functions/admin/users.test.ts › S1 a sign-out by an administrator ends every session, and leaves API keys alone',
  ),
  '7.5.1': held(
    'functions/auth/add-passkey.test.ts › adding a passkey › and removing one take a proof of the last 15 minutes',
    'functions/auth/second-factor.test.ts › a second factor takes the password, shows its secret once, and counts from its first code on',
    'functions/auth/second-factor.test.ts › a second factor goes with password and code, and signing in takes the password alone again',
  ),
  '7.5.2': unmet(
    'Users see and end their sessions, without a fresh proof: whoever holds one session can end the others.',
  ),
  '7.5.3': held(
    'functions/export/delivery.test.ts › asking for an export › needs the password of the last 15 minutes',
    'functions/auth/delete-account.test.ts › a deletion takes the password, and is the last entry of a chain that stays',
    'functions/admin/users.test.ts › what is asked for › to suspend and to set a role take a password of the last 15 minutes',
  ),
  ...each('7.6', 1, 2, absent('No federation.')),

  '8.1.1': held('security/authorization.test.ts › Z1 the table lists every route and no other'),
  '8.1.2': read('Each operation’s schemas name the members that it takes and tells (/api/openapi.json).'),
  ...each('8.1', 3, 4, absent('No decision goes by place, time or device.')),
  '8.2.1': held(nobody, demoted, 'security/authorization.test.ts › Z1 an API key opens what its scopes name › %s'),
  '8.2.2': held(foreign),
  '8.2.3': held(
    bodies,
    'security/response-shape.test.ts › an answer has the members of its schema and no other',
    'functions/admin/canary.test.ts › D3 no answer to an administrator holds what a user wrote, sealed or not › %s',
  ),
  '8.2.4': unmet('A new browser is told of by mail; nothing is decided by it.'),
  '8.3.1': held(nobody, foreign, demoted),
  '8.3.2': held(demoted, suspended),
  '8.3.3': held(foreign),
  '8.4.1': held(
    foreign,
    "core/scope/owner.test.ts › Z1 another user's row is, by every door of the scope, not there › %s",
  ),
  '8.4.2': unmet(
    'The role is read at each request and acts take a fresh proof; no second factor is demanded of administrators.',
  ),

  '9.1.1': held(
    'core/session/session-cookie.test.ts › S2 mutated cookies › of 10,000, none is accepted and none is answered 5xx',
  ),
  '9.1.2': held(
    'core/session/session-cookie.test.ts › the session cookie › S2 every other spelling of a seal is refused, and so is a second cookie of the name',
  ),
  '9.1.3': read('Keys come from the configuration alone; no token names one but by its number.'),
  '9.2.1': held(
    'core/session/session-cookie.test.ts › the session cookie › S3 is alive just under each limit and dead at it',
  ),
  '9.2.2': held(badSeal),
  ...each('9.2', 3, 4, absent('Tokens are made and read by the same service.')),

  ...each('10.1', 1, 2, absent('No OAuth and no OIDC: neither client nor server.')),
  ...each('10.2', 1, 3, absent('No OAuth client.')),
  ...each('10.3', 1, 5, absent('No OAuth resource server: API keys are Oort’s own.')),
  ...each('10.4', 1, 16, absent('No authorization server.')),
  ...each('10.5', 1, 5, absent('No OIDC client.')),
  ...each('10.6', 1, 2, absent('No OpenID provider.')),
  ...each('10.7', 1, 3, absent('No authorization server, no consents.')),

  '11.1.1': unmet(
    'There is a runbook of rotation and the design in SECURITY.md, and no policy after a standard of key management.',
  ),
  '11.1.2': unmet(
    'SECURITY.md names what is sealed, hashed and signed; there is no inventory of keys and certificates.',
  ),
  '11.1.3': held(`${cryptography} › that we call is AES-256-GCM, in two files that name it`),
  '11.1.4': unmet('There is no plan for post-quantum algorithms.'),
  '11.2.1': read('node:crypto (OpenSSL), iron-session, SimpleWebAuthn; nothing is implemented here.'),
  '11.2.2': unmet(
    'Keys are replaced and everything is sealed anew (K5, tested); another algorithm would take a version of its own in code.',
  ),
  '11.2.3': read('AES-256, SHA-256, Ed25519, argon2id and tokens of 256 bits.'),
  '11.2.4': read('Secrets are compared by timingSafeEqual or looked up by their hash.'),
  '11.2.5': held(
    'core/crypto/sealed.test.ts › a sealed value › K2 is refused with one generic error for every flipped bit of iv, tag, ciphertext, version and AAD',
  ),
  '11.3.1': held(`${cryptography} › that we call is AES-256-GCM, in two files that name it`),
  '11.3.2': held(
    `${cryptography} › that we call is AES-256-GCM, in two files that name it`,
    'core/crypto/aes-gcm.test.ts › K1 Wycheproof, AES-256-GCM with a 96-bit IV and a 128-bit tag › K1 27 of 27 invalid ciphertexts are refused',
  ),
  '11.3.3': held(
    'core/crypto/sealed.test.ts › a sealed value › K2 is refused with one generic error for every flipped bit of iv, tag, ciphertext, version and AAD',
    'core/crypto/sealed-stream.test.ts › D2 a changed bit anywhere is refused',
  ),
  '11.3.4': held('core/crypto/sealed.test.ts › a sealed value › K8 never repeats an IV in 10^6 encryptions'),
  '11.3.5': read('iron-session’s seals are AES-256-CBC, then HMAC-SHA-256; all else is AES-GCM.'),
  '11.4.1': held(
    `${cryptography} › hashes and derives keys with SHA-256 alone, but for the codes of authenticator apps`,
  ),
  '11.4.2': held(
    'core/crypto/passwords.test.ts › a password hash › P1 is argon2id with 19 MiB, two passes, one lane, a 128-bit salt and a 256-bit tag',
  ),
  '11.4.3': held(
    `${cryptography} › hashes and derives keys with SHA-256 alone, but for the codes of authenticator apps`,
    'core/crypto/keyring.test.ts › a signature › is that of RFC 8032, section 7.1, test 2',
  ),
  '11.4.4': absent(
    'No key is derived from a password: the master key must be random, and weak ones stop the start (K7).',
  ),
  '11.5.1': held(
    `${cryptography} › guesses nothing: chance without a secret only spreads pauses`,
    'core/crypto/tokens.test.ts › an issued token › T1 carries the prefix and 49 characters of base62, passes offline and never comes twice',
  ),
  '11.5.2': read('Node’s randomBytes draws on OpenSSL’s generator, which the kernel seeds.'),
  '11.6.1': held('core/crypto/keyring.test.ts › a signature › is that of RFC 8032, section 7.1, test 2'),
  '11.6.2': held('security/caddy/hold-transport.ts › TLS › H2 refuses TLS 1.2'),
  '11.7.1': unmet('The machine’s memory is its operator’s.'),
  '11.7.2': unmet('Plaintext is in memory while a request is under way; JavaScript cannot overwrite it.'),

  '12.1.1': held(
    'security/caddy/hold-transport.ts › TLS › H2 accepts TLS 1.3',
    'security/caddy/hold-transport.ts › TLS › H2 refuses TLS 1.2',
  ),
  '12.1.2': held('security/caddy/hold-transport.ts › TLS › H2 refuses TLS 1.2'),
  '12.1.3': absent('No client certificates.'),
  '12.1.4': read('Caddy staples OCSP by itself where the authority has it.'),
  '12.1.5': unmet('Encrypted Client Hello is not set up.'),
  '12.2.1': held(
    'security/caddy/hold-transport.ts › TLS › H2 plain HTTP is redirected in production, without Strict-Transport-Security (RFC 6797, 7.2)',
    'core/config.test.ts › the configuration › in production sends keys over https alone',
  ),
  '12.2.2': read('Caddy fetches certificates by ACME where OORT_TLS is an address (infra/image/init.sh).'),
  '12.3.1': unmet(
    'Providers, mail and fault reports go over TLS in production (tested); between Caddy and the router, and to a collector of traces that is named by http, nothing is encrypted.',
  ),
  '12.3.2': held(
    `${cryptography} › leaves no certificate unchecked, but its own on loopback`,
    'core/mail/mailer.test.ts › a certificate that nobody vouches for is refused, and no parameter of the URL turns that off',
  ),
  '12.3.3': unmet('Caddy reaches the router in plain HTTP, on loopback or in a network that the two share alone.'),
  '12.3.4': absent('No TLS between internal services: see 12.3.3.'),
  '12.3.5': unmet('Caddy is known to the router by its address.'),

  '13.1.1': read('SECURITY.md draws who talks to whom; .env.example names each address that can be set.'),
  '13.1.2': unmet('Pools and their bounds stand in code, not in a document.'),
  '13.1.3': unmet('Timeouts and retries stand in code and docstrings, not in a document.'),
  '13.1.4': unmet('The secrets are named and a runbook replaces the master key; there is no schedule.'),
  '13.2.1': unmet('Stripe, buckets and mail servers are given the lasting credentials that they issue.'),
  '13.2.2': held(contained),
  '13.2.3': held(
    'core/crypto/secret-strength.test.ts › a secret of the configuration › K7 is refused: %j %s',
    'infra/up.test.ts › .env.example › K7 does not start as it stands, because of each secret',
  ),
  '13.2.4': held(
    pinned,
    'core/incidents/probes.test.ts › what is probed › X1 each at its pinned origin, without a key',
  ),
  '13.2.5': unmet('The network lets Oort out to anywhere; its own list is 13.2.4.'),
  '13.2.6': read(
    'core/providers/upstream.ts bounds each phase and retries three times; its tests hold that, no document says it.',
  ),
  '13.3.1': unmet(
    'Secrets come from a mounted file or the environment (AWS Secrets Manager on Lambda); none is in an image (tested).',
  ),
  '13.3.2': read('infra/image/init.sh: root and the container’s group alone read the file of secrets.'),
  '13.3.3': unmet('Keys are in the memory of the process.'),
  '13.3.4': unmet('Secrets do not expire.'),
  '13.4.1': held(image),
  '13.4.2': held('core/config.test.ts › the configuration › is that of production unless NODE_ENV says otherwise'),
  '13.4.3': read('Caddyfile: file_server without browse; the router serves what its manifest names.'),
  '13.4.4': held(
    'security/errors.test.ts › H4 what is no request for an operation › every address answers the methods that it has none of with 405 and those that it has',
  ),
  '13.4.5': held(
    'infra/metrics.test.ts › where they are told › the public port answers 404 at /metrics, as at any other address that is none',
  ),
  '13.4.6': held(headers),
  '13.4.7': read('The folder of assets holds files of the build alone; there is no list of extensions.'),

  '14.1.1': read('SECURITY.md, “What we protect”.'),
  '14.1.2': read('SECURITY.md, “What we protect” and “Guarantees”.'),
  '14.2.1': unmet(
    'Keys, passwords and tokens are never in an address; the words of a search of one’s own prompts are (GET /api/runs?q=), which no log keeps.',
  ),
  '14.2.2': held('security/caddy/hold-caddyfile.ts › headers › static files, and nothing else, may be kept for a year'),
  '14.2.3': held(
    leaks,
    'core/faults/fault-event.test.ts › D3 nothing else of a fault leaves, wherever a value stands › %s',
    'functions/payments/checkout.test.ts › buying a plan › tells Stripe the price, two pages of ours and the user’s id; no address, no metrics',
  ),
  '14.2.4': held(
    leaks,
    'functions/keys/canary.test.ts › D3 a key appears in no answer, log line, audit row or file › when %s',
  ),
  '14.2.5': held('security/caddy/hold-caddyfile.ts › headers › static files, and nothing else, may be kept for a year'),
  '14.2.6': held('functions/keys/add-key.test.ts › adding a key › stores a key of %s and tells of it all but the key'),
  '14.2.7': unmet('Backups age out (D2, tested); keys, prompts and outputs stay until their owner deletes them.'),
  '14.2.8': absent('No files are taken.'),
  '14.3.1': held(
    'browser/account.test.ts › without a mail server › V1 signing out leaves nothing of the account in the page, also when the server cannot be reached',
  ),
  '14.3.2': held(
    'security/errors.test.ts › H4 %s is a problem document and tells nothing of its cause',
    'functions/export/delivery.test.ts › a download › is an attachment that nobody caches, taken once, and is written down',
    'functions/admin/pages.test.ts › Z2 the document of a page for administrators › is kept by nobody once it was refused',
  ),
  '14.3.3': read(
    'Storage of the browser holds a theme, names of models, ids of the account and of runs, and an administrator’s notice that everybody is to read (functions/web/client: theme.ts, prompting, api/unsent.ts).',
  ),

  '15.1.1': read(
    'SECURITY.md, “Supply chain”: an advisory counts as a report, with its time frames; other updates within 90 days.',
  ),
  '15.1.2': held(
    'supply-chain/sbom.test.ts › the bill of materials names each package of production at the version and hash of the lockfile, and no other',
  ),
  '15.1.3': unmet('How demanding work is bounded stands in code and docstrings, not in one document.'),
  '15.1.4': unmet('No library is named as risky.'),
  '15.1.5': unmet(
    'Dangerous functions are listed by a test (tests/architecture/dangerous.test.ts), not in a document.',
  ),
  '15.2.1': held(
    'supply-chain/minimum-versions.test.ts › no installed copy of a package is older than an advisory allows, but for those that are accepted by place',
    'supply-chain/minimum-versions.test.ts › nothing that runs in production is accepted below a minimum',
  ),
  '15.2.2': held(
    'functions/export/delivery.test.ts › a slow reader › is waited for: no more is read from the database than fits the buffers, and a second export is refused',
    'core/store/sqlite/writer.test.ts › more than can be answered in time are turned away',
    'core/providers/hostile.test.ts › X2 of a gigabyte no more is held than the bound: %s',
  ),
  '15.2.3': held(
    image,
    'architecture/bundles.test.ts › %s › holds no other function, no test, no tool of the build, no meter and no way to a bucket',
  ),
  '15.2.4': held(
    'supply-chain/lockfile.test.ts › every package of the lockfile has its SHA-512, and comes from the public registry or names no address at all',
  ),
  '15.2.5': held(contained),
  '15.3.1': held(
    'security/response-shape.test.ts › an answer has the members of its schema and no other',
    'security/response-shape.test.ts › the answers of every route are closed',
  ),
  '15.3.2': held(redirects),
  '15.3.3': held(bodies, queries),
  '15.3.4': held(
    proxies,
    'security/proxies.test.ts › N3 behind a trusted proxy › the address is the last one that no trusted proxy has',
    behindCaddy,
  ),
  '15.3.5': read('Strict TypeScript without any, === by lint, and a schema before each handler.'),
  '15.3.6': held(
    'security/hostile-bodies.test.ts › N2 a hostile body is refused and reaches no handler › and nobody’s prototype was changed',
  ),
  '15.3.7': read(
    'Path, query and body are validated apart, each by a schema of its own; what is given twice is no text.',
  ),
  '15.4.1': held(
    'faults/writers.test.ts › R3 50 writers on two processes: every change is made, and no SQLITE_BUSY reaches a client',
  ),
  '15.4.2': held(
    'core/scope/guards.test.ts › administrators › Z2 who was demoted a moment ago demotes nobody, though the role was read before',
    'functions/auth/second-factor.test.ts › of requests that race with one code, one is let in',
  ),
  '15.4.3': held(
    'core/store/sqlite/writer.test.ts › a unit that does not come to an end › is given up and rolled back, and those behind it are served',
    'core/store/sqlite/writer.test.ts › R3 a lock that another process holds › is STORE_UNAVAILABLE when it is held too long, and the next unit is served',
  ),
  '15.4.4': held(
    'core/store/sqlite/writer.test.ts › the event loop turns between groups, so that a long queue does not keep others waiting',
  ),

  '16.1.1': unmet('README and SECURITY.md say what is logged and where; for how long is the operator’s to set.'),
  '16.2.1': held(
    'core/log.test.ts › a line has a level, a time, a message and the facts that are known',
    'functions/admin/audit.test.ts › the log of all › names who did it and why',
  ),
  '16.2.2': read('Times are UTC in logs and audit entries; `oort doctor` looks at the clock.'),
  '16.2.3': held(
    'core/faults/report-faults.test.ts › without SENTRY_DSN nothing is sent',
    'infra/traces.test.ts › unless they are asked for, nothing is sent or even loaded',
  ),
  '16.2.4': held(
    'infra/metrics.test.ts › and at its end each request has left one line: method, pattern, status, duration, and nothing of its own',
  ),
  '16.2.5': held(leaks, logs),
  '16.3.1': held(
    'functions/auth/sign-in.test.ts › signing in › takes the address in any case, sets a cookie and writes down both tries',
    codeOnce,
  ),
  '16.3.2': unmet('A refusal leaves its request’s line, with route and status, and not who was refused.'),
  '16.3.3': unmet(
    'Refused sign-ins stand in the audit log; what validation and limits refuse leaves its request’s line alone.',
  ),
  '16.3.4': held(
    'core/faults/report-faults.test.ts › D3 a fault goes to the ingest as code, class, places, pattern and request id, with no value from the request',
  ),
  '16.4.1': held(logs),
  '16.4.2': held(
    'core/audit/append-only.test.ts › A1 an audit row, once written, is refused › to %s',
    'core/audit/verify-chain.test.ts › A2 the first bad row is named after › an edit of %s',
  ),
  '16.4.3': unmet(
    'Logs go to standard output and checkpoints beside the database; sending them elsewhere is the operator’s.',
  ),
  '16.5.1': held(unforeseen, 'security/errors.test.ts › H4 %s is a problem document and tells nothing of its cause'),
  '16.5.2': held(
    'core/providers/upstream.test.ts › bounds › X2 a provider that says nothing ends with PROVIDER_TIMEOUT',
    'core/mail/mailer.test.ts › a server that is gone, or refuses the recipient, is MAIL_UNAVAILABLE',
    'functions/payments/checkout.test.ts › when Stripe fails › it %s, the buyer is told so and nothing is written',
  ),
  '16.5.3': held(
    'functions/runs/store-failure.test.ts › R4 a run that cannot be written down is not sent, and its key is not opened',
    'functions/keys/add-key.test.ts › checking a key while it is added › stores nothing when the provider does this: %s',
  ),
  '16.5.4': held(
    unforeseen,
    'infra/workers.test.ts › a router of two workers › replaces a worker that dies, and serves meanwhile',
  ),

  ...each('17.1', 1, 2, absent('No WebRTC.')),
  ...each('17.2', 1, 8, absent('No WebRTC.')),
  ...each('17.3', 1, 2, absent('No WebRTC.')),
}
