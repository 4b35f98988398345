import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { renderAsvs } from '../asvs/asvs-table.ts'
import { root } from '../support/source-graph.ts'
import { renderBars } from './bars-table.ts'
import { readFigures } from './figures.ts'
import { readTests } from './read-tests.ts'
import { readReports } from './reports.ts'

// `npm run bars:table [-- <folder of reports>]`: writes tests/BARS.md anew, with the outcomes of the last runs on this
// machine or of those whose reports are in the folder, and tests/ASVS.md.

const tests = await readTests()
await writeFile(join(root, 'tests/BARS.md'), renderBars(tests, await readReports(process.argv[2]), await readFigures()))
await writeFile(join(root, 'tests/ASVS.md'), renderAsvs())
