import type { BackupHealth } from '../../../core/backup/backup-health.ts'
import { type Markup, markup } from '../../../core/pages/markup.ts'
import { moment } from '../moment.ts'
import * as policy from './policy.ts'
import { type Promised, promises } from './promises.ts'

/** What /security says. `backup` is how the last backup went, where that can be told. */
export function writeSecurity(backup: BackupHealth | undefined): Markup {
  return markup`<div class="page paper">
<header class="page-header"><div>
<h1>Security</h1>
<p class="lead">What Oort promises, the code that keeps each promise, and the test that fails without it. Nothing here asks to be believed: every path is one in the repository.</p>
</div></header>
<nav aria-label="On this page"><ul class="contents">
<li><a href="#promises">Promises</a></li><li><a href="#backups">Backups</a></li><li><a href="#frameworks">Frameworks</a></li><li><a href="#not-certified">What is not certified</a></li><li><a href="#report">Report a vulnerability</a></li>
</ul></nav>
<section aria-labelledby="promises"><h2 id="promises">Promises</h2>
<div class="held">${promises.map(writePromise)}</div>
</section>
<section aria-labelledby="backups"><h2 id="backups">Backups</h2>
<p>Backups are compressed and sealed under a key of their own, age out after 30 days, and know every deletion that came after them. A restore is rehearsed by a test.</p>
<p>${writeBackup(backup)}</p>
</section>
<section aria-labelledby="frameworks"><h2 id="frameworks">What it is designed around</h2>
<p>These are what we build by. None of them has been assessed by anybody else.</p>
${writeFrameworks(policy.designedAround)}
</section>
<section aria-labelledby="not-certified"><h2 id="not-certified">What is not certified</h2>
<p>Oort holds no certificate, attestation or audit report of any kind. Where your rules ask for one, Oort does not meet them.</p>
${writeFrameworks(policy.notCertified)}
</section>
${writeDisclosure()}
</div>`
}

function writePromise({ id, title, text, properties, code, tests }: Promised): Markup {
  return markup`<article id="${id}">
<h3>${title}</h3>
<p>${text}</p>
<details><summary>How it is held<span class="visually-hidden">: ${title}</span></summary>
<dl>
<dt>Properties</dt><dd>${properties.map((each) => markup`<span class="tag">${each}</span> `)}</dd>
<dt>Code</dt><dd><ul class="paths">${code.map(writePath)}</ul></dd>
<dt>Tests</dt><dd><ul class="paths">${tests.map(writePath)}</ul></dd>
</dl></details>
</article>
`
}

function writePath(path: string): Markup {
  return markup`<li><code>${path}</code></li>`
}

function writeBackup(backup: BackupHealth | undefined): Markup {
  if (backup === undefined) return markup`Whether this installation makes backups cannot be told from here.`
  if (!backup.ok)
    return markup`The last try of this installation, ${moment(backup.at)}, failed. It is repeated every ten minutes.`
  return markup`The newest backup of this installation was made ${moment(backup.at)}.`
}

function writeFrameworks(frameworks: readonly policy.Framework[]): Markup {
  return markup`<dl class="frameworks">${frameworks.map(
    ({ name, use, attested }) =>
      markup`<div><dt>${name}</dt><dd>${use}</dd><dd class="attested">${attested}</dd></div>\n`,
  )}</dl>`
}

function writeDisclosure(): Markup {
  const { safeHarbour, scope, bounty, pgp } = policy.policy
  return markup`<section aria-labelledby="report"><h2 id="report">Report a vulnerability</h2>
<p>Write to <a href="mailto:${policy.contact}">${policy.contact}</a>. ${pgp}</p>
<h3>What a report holds</h3>
<ul>${policy.aReportHolds.map((each) => markup`<li>${each}</li>`)}</ul>
<h3>What we commit to</h3>
<table class="table"><caption class="visually-hidden">What follows a report, and by when</caption>
<thead><tr><th scope="col">What</th><th scope="col">By when</th></tr></thead>
<tbody>${policy.commitments.map(
    ({ what, within }) => markup`<tr><td data-title="What">${what}</td><td data-title="By when">${within}</td></tr>`,
  )}</tbody></table>
<h3>Safe harbour</h3><p>${safeHarbour}</p>
<h3>Scope</h3><p>${scope}</p>
<h3>Bounty</h3><p>${bounty}</p>
</section>`
}
